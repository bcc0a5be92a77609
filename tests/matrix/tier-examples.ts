import { moveArchive } from '../../portal/src/modules/audit/archive/move-archive.ts'
import { moveWarm } from '../../portal/src/modules/audit/archive/move-warm.ts'
import { readRange } from '../../portal/src/modules/audit/archive/range-rows.ts'
import { segmentsOf } from '../../portal/src/modules/audit/archive/segment-store.ts'
import { fillLog } from '../support/filled-log.ts'
import type { TestApp } from '../support/test-app.ts'
import { type Example, nextSerial, unconditional } from './example.ts'

/** The log's first range, in the archive. */
async function archivedRange(t: TestApp): Promise<number> {
  if (await readRange(t.app.pool, 0)) return 0
  await fillLog(t, 256)
  await moveWarm(t.app.pool, 0, t.app.clock())
  const range = await readRange(t.app.pool, 0)
  const command = t.app.newContext({ kind: 'command', id: 'matrix' })
  if (range) await moveArchive(t.app, command, segmentsOf(t.app), range)
  return 0
}

/** Somebody whom the log names. */
async function subject(t: TestApp): Promise<string> {
  const address = `matrix-${nextSerial()}@example.com`
  await t.auditLog.subjectKeys.encrypt(
    t.app.pool,
    'evt_matrix',
    { subject: address, data: {} },
    t.app.clock(),
  )
  return address
}

/** Tiers of the audit log, and erasing somebody from them. */
export const TIER_EXAMPLES: Record<string, Example> = {
  'audit.tend': unconditional(),
  'audit.tiers': unconditional(),
  'audit.archived': unconditional(),
  'audit.restore': unconditional(async (_objects, t) => ({ n: await archivedRange(t) })),
  'audit.erase': unconditional(async (_objects, t) => ({
    subject: await subject(t),
    reason: 'erasure_request',
  })),
}
