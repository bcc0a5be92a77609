import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { DAY_MS, SNAPSHOT_KEPT_DAYS } from '../rules.ts'
import { runSql } from '../sql-runner.ts'
import { SNAPSHOT_STAFF } from './ask-snapshot.ts'

const allow = { ...SNAPSHOT_STAFF, system: true as const }

const recordEnd = verb({
  action: 'audit.end-snapshots',
  input: z.strictObject({ id: z.string() }),
  allow,
  async run({ tx, input: { id }, ctx }) {
    const ended = await runSql(
      tx,
      `update audit_snapshots set status = 'removed', removed_at = $2 where id = $1 and status = 'ready' returning id`,
      [id, ctx.now],
    )
    return {
      result: ended.length,
      change: {
        target: { type: 'audit_snapshot', id },
        reason: 'retention_over',
        details: { removed: ended.length },
      },
    }
  },
})

/** Deletes the archives of snapshots that have been kept for their time; the file goes first, the row stays. */
export const endSnapshots = flow({
  action: 'audit.end-snapshots',
  input: z.strictObject({}),
  allow,
  async run({ app, ctx }): Promise<{ removed: number }> {
    const before = new Date(ctx.now.getTime() - SNAPSHOT_KEPT_DAYS * DAY_MS)
    const { rows } = await app.pool.query<{ id: string; object_key: string }>(
      `select id, object_key from audit_snapshots where status = 'ready' and finished_at < $1 order by id limit 500`,
      [before],
    )
    let removed = 0
    for (const { id, object_key } of rows) {
      await app.ports.storage.delete(object_key)
      removed += await app.call(recordEnd, { id }, ctx)
    }
    return { removed }
  },
})

export const endSnapshotsDaily = job({
  name: 'audit.end-snapshots',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '53 3 * * *',
  async run({ app, ctx }) {
    await app.call(endSnapshots, {}, ctx)
  },
})
