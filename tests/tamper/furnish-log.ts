import type { AuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { exportLines } from '../../portal/src/modules/audit/export.ts'
import { readReceipt } from '../../portal/src/modules/audit/receipt.ts'
import { recordEvent } from '../../portal/src/modules/audit/record.ts'
import { readLogResource } from '../../portal/src/modules/audit/serve-log.ts'
import { formatTilePath } from '../../portal/src/modules/audit/tile-path.ts'
import { createTestAuditLog, shareEvent } from '../support/audit-log.ts'
import type { TestDatabase } from '../support/test-postgres.ts'
import { archiveTarget } from './archive-target.ts'
import { databaseTarget } from './database-target.ts'
import { exportTarget, receiptTarget } from './export-target.ts'
import { servedTarget } from './served-target.ts'
import type { Target } from './target.ts'

const SIZE = 300

/** A log of 300 events with three signed heads, as everything that may be tampered with. */
export async function furnishLog(
  database: TestDatabase,
): Promise<{ targets: Target[]; close(): Promise<void> }> {
  const audit = await createTestAuditLog(undefined, database)
  const { log } = audit
  const ids: string[] = []
  const record = async (count: number, action: string) => {
    for (let n = 0; n < count; n++) {
      const address = `p${n}@example.org`
      const personal = n % 10 === 0 ? { subject: address, data: { email: address } } : undefined
      const event = shareEvent({ action, target: { type: 'share', id: `shr_${n}` }, personal })
      ids.push((await recordEvent(database.pool, event, log.subjectKeys)).id)
    }
  }
  const exported = async () => {
    let text = ''
    for await (const line of exportLines(log)) text += line
    return text
  }
  await record(100, 'share.create')
  const older = await exported()
  await record(150, 'playback.issue')
  const { note: oldCheckpoint } = await log.sequencer.checkpoint()
  await record(50, 'share.revoke')
  const whole = await exported()
  const receipts: string[] = []
  for (const n of [0, 1, 99, 255, 256, 299]) receipts.push((await readReceipt(log, ids[n]!))!.text)
  const { rows } = await database.pool.query(
    'select e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq order by l.index',
  )
  const entries = rows.map(({ entry }) => Buffer.from(entry))
  const stored = await databaseTarget(audit, oldCheckpoint)
  return {
    targets: [
      stored,
      exportTarget(log, whole, older, oldCheckpoint),
      receiptTarget(log, receipts),
      servedTarget(await served(log), log.signers[0]!, entries),
      await archiveTarget(entries),
    ],
    async close() {
      await stored.close()
      await audit.close()
    },
  }
}

/** Every resource that a log of this size has, as the portal serves it. */
async function served(log: AuditLog): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const tiles = (['entries', 0] as const).flatMap((level) => [
    { level, n: 0, width: 256 },
    { level, n: 1, width: SIZE - 256 },
  ])
  const paths = ['checkpoint', ...[...tiles, { level: 1, n: 0, width: 1 }].map(formatTilePath)]
  for (const path of paths) {
    const resource = await readLogResource(log.pool, path, log)
    if (!resource) throw new Error(`the log does not serve ${path}`)
    files.set(path, resource.body)
  }
  return files
}
