import type { AuditLog } from './compose-audit.ts'
import { logLines } from './export.ts'
import { inSnapshot } from './sql-runner.ts'
import { createStoredCheck } from './stored-check.ts'
import { type Fault, type VerifyReport, verifyExport } from './verifier.mjs'

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
    yield* logLines(audit, client, check.inspect)
    faults.push(...(await check.end().catch((error: Error) => [{ code: 'head', message: error.message }])))
  })
  const report = await verifyExport(lines, {
    vkeys: [audit.vkey],
    oldCheckpoint: oldCheckpoint ?? remembered,
  })
  report.faults.push(...faults)
  report.ok = report.faults.length === 0
  const beside = 'stored leaf hashes, tiles, search columns, checkpoints and the head agree with the entries'
  report.proved = report.ok ? [...report.proved.slice(0, -1), beside] : []
  return report
}

/** Looked for before the head is signed anew, which would put a deleted one back. */
async function missingCheckpoint(audit: AuditLog, remembered: string): Promise<Fault[]> {
  const { rowCount } = await audit.pool.query('select from audit_checkpoints where note = $1', [remembered])
  return rowCount
    ? []
    : [{ code: 'checkpoint', message: 'the checkpoint that this machine remembers is gone' }]
}
