import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { verb } from '#portal/platform/operation.ts'
import { runSql } from '../sql-runner.ts'
import { claimObject, manifestOf, proveRange, segmentInput, writeSegment } from './move-archive.ts'
import { entriesOf, readRange } from './range-rows.ts'
import { segmentsOf } from './segment-store.ts'

/** The archive's manifest is the log itself: this event names the object that took the old one's place. */
const recordReseal = verb({
  action: 'audit.reseal',
  input: z.strictObject({
    n: z.number().int().min(0),
    root: z.custom<Buffer>(Buffer.isBuffer),
    was: z.string(),
    object: segmentInput,
  }),
  allow: { system: true },
  async run({ tx, input }) {
    const { n, root, was, object } = input
    await claimObject(tx, object.key)
    const moved = await runSql(
      tx,
      `update audit_ranges set object_key = $2, object_sha256 = $3, object_bytes = $4
       where n = $1 and object_key = $5 returning n`,
      [n, object.key, object.sha256, object.bytes, was],
    )
    if (moved.length !== 1) throw new Error(`range ${n} changed meanwhile: the next run looks again`)
    return {
      result: null,
      change: { target: { type: 'audit_range', id: String(n) }, details: manifestOf(n, root, object) },
    }
  },
})

/**
 * Writes segments of the archive anew that an older key has sealed: read, compared with the tree, written, read back; the
 * old object is deleted after. Whether more wait.
 */
export async function resealSegments(app: App, ctx: Context, most: number): Promise<boolean> {
  const segments = segmentsOf(app)
  const { rows } = await app.pool.query<{ n: string }>(
    `select n from audit_ranges where object_key is not null and object_key not like '%-' || $1 order by n limit $2`,
    [app.keys.seal.current().id, most],
  )
  for (const { n } of rows) {
    const range = await readRange(app.pool, Number(n))
    if (!range?.object) continue
    const was = range.object.key
    const entries = await entriesOf(segments, range)
    await proveRange(app, range, entries)
    const object = await writeSegment(app, ctx, segments, range, entries)
    await app.call(recordReseal, { n: range.n, root: range.root, was, object }, ctx)
    await segments.remove(was)
    await app.pool.query('delete from audit_objects where key = $1', [was])
  }
  return rows.length === most
}
