import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { verb } from '#portal/platform/operation.ts'
import { runSql, type SqlRunner } from '../sql-runner.ts'
import { provenRoot, RangeFault } from './move-warm.ts'
import { entriesOf, leavesOf, type RangeRow } from './range-rows.ts'
import type { RangeEntries } from './segment-bytes.ts'
import type { SegmentObject, SegmentStore } from './segment-store.ts'
import { TIER_STAFF } from './tier-staff.ts'

export const segmentInput = z.strictObject({
  key: z.string(),
  sha256: z.custom<Buffer>(Buffer.isBuffer),
  bytes: z.number().int().positive(),
})

/** The archive's manifest is the log itself: this event names range, root, object and checksum. */
export const recordArchive = verb({
  action: 'audit.archive',
  input: z.strictObject({
    n: z.number().int().min(0),
    root: z.custom<Buffer>(Buffer.isBuffer),
    object: segmentInput,
  }),
  allow: TIER_STAFF,
  async run({ tx, input, ctx }) {
    const { n, root, object } = input
    await claimObject(tx, object.key)
    const moved = await runSql(
      tx,
      `update audit_ranges set tier = 'archive', entries = null, object_key = $2, object_sha256 = $3, object_bytes = $4,
        archived_at = $5 where n = $1 and tier = 'warm' returning n`,
      [n, object.key, object.sha256, object.bytes, ctx.now],
    )
    if (moved.length !== 1) throw new Error(`range ${n} is no longer warm: somebody else moved it`)
    return {
      result: null,
      change: { target: { type: 'audit_range', id: String(n) }, details: manifestOf(n, root, object) },
    }
  },
})

/** @throws Error where the object was swept away as abandoned meanwhile; then nothing may refer to it */
export async function claimObject(tx: SqlRunner, key: string): Promise<void> {
  const found = await runSql(tx, 'select from audit_objects where key = $1 for update', [key])
  if (found.length !== 1) throw new Error(`${key} was swept away before it was recorded`)
}

/** What an event says of a range and its segment. */
export function manifestOf(n: number, root: Buffer, object: SegmentObject | null) {
  return {
    ...leavesOf(n),
    root: root.toString('base64'),
    ...(object
      ? { object: object.key, object_sha256: object.sha256.toString('base64'), object_bytes: object.bytes }
      : {}),
  }
}

/** Notes the object, then writes it: so that one that a crash left behind is known and goes. */
export async function writeSegment(
  app: App,
  ctx: Context,
  segments: SegmentStore,
  range: Pick<RangeRow, 'n' | 'root'>,
  entries: RangeEntries,
): Promise<SegmentObject> {
  const key = segments.newKey(range.n)
  await app.pool.query('insert into audit_objects (key, n, begun_at) values ($1, $2, $3)', [
    key,
    range.n,
    ctx.now,
  ])
  return await segments.write(range, key, entries)
}

/**
 * Moves a warm range into the archive: the object is written, synced, read back and compared with the tree before the
 * transaction that lets the text go.
 * @throws RangeFault where the text is not what the tree says; AppError unavailable where the storage can't be reached
 */
export async function moveArchive(
  app: App,
  ctx: Context,
  segments: SegmentStore,
  range: RangeRow,
): Promise<void> {
  const entries = await entriesOf(segments, range)
  await proveRange(app, range, entries)
  const object = await writeSegment(app, ctx, segments, range, entries)
  await app.call(recordArchive, { n: range.n, root: range.root, object }, ctx)
}

/** @throws RangeFault where text or root of a range are not the tree's, or more is missing than was sealed */
export async function proveRange(app: App, range: RangeRow, entries: RangeEntries): Promise<void> {
  const root = await provenRoot(app.pool, range.n, entries, range.seals.length ? 'allowed' : 'none')
  if (!root.equals(range.root)) throw new RangeFault(`the root of range ${range.n} is not the tree's`)
  const missing = entries.filter((entry) => entry === null).length
  const sealed = range.seals.reduce((sum, { removed }) => sum + removed, 0)
  if (missing !== sealed || entries.length - missing !== range.kept)
    throw new RangeFault(
      `range ${range.n} lacks ${missing} entries, of which ${sealed} were removed by a seal`,
    )
}
