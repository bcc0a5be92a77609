import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { moveArchive } from '../../portal/src/modules/audit/archive/move-archive.ts'
import { moveWarm } from '../../portal/src/modules/audit/archive/move-warm.ts'
import { readRange } from '../../portal/src/modules/audit/archive/range-rows.ts'
import { segmentsOf } from '../../portal/src/modules/audit/archive/segment-store.ts'
import { fillLog } from '../support/filled-log.ts'
import type { TestApp } from '../support/test-app.ts'
import { type Example, unconditional } from './example.ts'

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

/** A snapshot that may be taken away. */
async function readySnapshot(t: TestApp): Promise<string> {
  const id = t.app.newContext({ kind: 'command', id: 'matrix' }).newId('snp')
  await t.app.pool.query(
    `insert into audit_snapshots (id, incident, reason, from_time, to_time, status, object_key, object_sha256, object_bytes, created_by, created_at)
     values ($1, 'MATRIX-1', 'matrix', $2, $2, 'ready', 'audit/snapshots/matrix.zip', sha256('matrix'), 6, 'matrix', $2)`,
    [id, t.app.clock()],
  )
  const folder = await mkdtemp('/tmp/mm-matrix-')
  await writeFile(`${folder}/file`, 'matrix')
  await t.app.ports.storage.putFile('audit/snapshots/matrix.zip', `${folder}/file`)
  await rm(folder, { recursive: true })
  return id
}

/** Tiers of the audit log, and erasing somebody from them. */
export const TIER_EXAMPLES: Record<string, Example> = {
  'audit.tend': unconditional(),
  'audit.tiers': unconditional(),
  'audit.archived': unconditional(),
  'audit.restore': unconditional(async (_objects, t) => ({ n: await archivedRange(t) })),
  'audit.snapshot': unconditional(async (_objects, t) => ({
    incident: 'MATRIX-1',
    reason: 'A snapshot of an hour',
    from: new Date(t.app.clock().getTime() - 3_600_000).toISOString(),
    to: t.app.clock().toISOString(),
  })),
  'audit.end-snapshots': unconditional(),
  'audit.snapshots': unconditional(),
  'audit.take-snapshot': unconditional(async (_objects, t) => ({ id: await readySnapshot(t) })),
}
