import type { AuditLog } from './compose-audit.ts'
import { logLines } from './export.ts'
import { publishedKeys } from './published-keys.ts'
import { inSnapshot } from './sql-runner.ts'
import { createStoredCheck } from './stored-check.ts'
import { type Fault, type TrustedKeys, type VerifyReport, verifyExport } from './verifier.mjs'

/**
 * Verifies the log in the database itself: everything that an export proves, and beside it the stored leaf hashes,
 * tiles, search columns, checkpoints and the head, and the checkpoint that this machine remembers.
 * First waits until all that is committed is in the tree. Throws only where the database cannot be read.
 */
export async function verifyDatabase(audit: AuditLog, oldCheckpoint?: string): Promise<VerifyReport> {
  const faults: Fault[] = []
  const remembered = (await audit.anchor.read()) ?? undefined
  if (remembered !== undefined) faults.push(...(await missingCheckpoint(audit, remembered)))
  await audit.sequencer
    .checkpoint()
    .catch((error: Error) => faults.push({ code: 'sequencer', message: error.message }))
  const lines = inSnapshot(audit.pool, async function* (client) {
    const check = createStoredCheck(client)
    yield* logLines(audit, client, check.inspect, ({ n }, error) =>
      faults.push({ code: 'archive', message: `range ${n}: ${error.message}` }),
    )
    faults.push(...(await check.end().catch((error: Error) => [{ code: 'head', message: error.message }])))
  })
  const report = await verifyExport(lines, {
    ...trustedKeys(audit),
    oldCheckpoint: oldCheckpoint ?? remembered,
  })
  report.faults.push(...faults)
  report.ok = report.faults.length === 0
  const beside = 'stored leaf hashes, tiles, search columns, checkpoints and the head agree with the entries'
  report.proved = report.ok ? [...report.proved.slice(0, -1), beside] : []
  return report
}

/** The log's own keys, those in use and those that were, each with the size of the last head that it may have signed. */
export function trustedKeys(audit: AuditLog): TrustedKeys {
  const { current, retired, keys } = publishedKeys(audit)
  const untilSize = (vkey: string) => keys.find((key) => key.vkey === vkey)?.untilSize
  return { vkeys: current, retired: retired.map((vkey) => `${vkey}@${untilSize(vkey) ?? 0}`) }
}

/** Looked for before the head is signed anew, which would put a deleted one back. */
async function missingCheckpoint(audit: AuditLog, remembered: string): Promise<Fault[]> {
  const { rowCount } = await audit.pool.query('select from audit_checkpoints where note = $1', [remembered])
  return rowCount
    ? []
    : [{ code: 'checkpoint', message: 'the checkpoint that this machine remembers is gone' }]
}
