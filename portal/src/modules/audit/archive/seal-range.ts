import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { verb } from '#portal/platform/operation.ts'
import { runSql } from '../sql-runner.ts'
import { TILE_WIDTH } from '../tiles.ts'
import { isPlayback, isSeal } from './kept-days.ts'
import { claimObject, manifestOf, proveRange, segmentInput, writeSegment } from './move-archive.ts'
import { entriesOf, type RangeRow, SEAL_REASONS, type SealRule } from './range-rows.ts'
import type { SegmentStore } from './segment-store.ts'
import { TIER_STAFF } from './tier-staff.ts'

type Goes = (action: string | null) => boolean

/** What a rule removes from a range; a seal is evidence of a deletion and stays. */
const GOES: { [rule in SealRule]: Goes } = {
  playback: isPlayback,
  age: (action) => !isSeal(action),
}

/** The event of a removal, in the transaction of the removal: range, root, counts by kind, reason. */
export const recordSeal = verb({
  action: 'audit.seal',
  input: z.strictObject({
    n: z.number().int().min(0),
    root: z.custom<Buffer>(Buffer.isBuffer),
    rule: z.enum(['playback', 'age']),
    keptBefore: z.number().int(),
    /** Indices of the leaves whose text goes. */
    removed: z.array(z.number().int()),
    counts: z.record(z.string(), z.number()),
    /** The segment without them; null where nothing is left. */
    object: segmentInput.nullable(),
  }),
  allow: TIER_STAFF,
  async run({ tx, input, ctx }) {
    const { n, root, rule, keptBefore, removed, counts, object } = input
    const kept = keptBefore - removed.length
    if (object) await claimObject(tx, object.key)
    await runSql(tx, 'insert into audit_seals (n, rule, removed, sealed_at) values ($1, $2, $3, $4)', [
      n,
      rule,
      removed.length,
      ctx.now,
    ])
    await runSql(tx, 'delete from audit_leaves where index = any($1::bigint[])', [removed])
    await runSql(tx, 'delete from audit_search where index = any($1::bigint[])', [removed])
    const moved = await runSql(
      tx,
      `update audit_ranges set kept = $2, tier = $3, object_key = $4, object_sha256 = $5, object_bytes = $6
      where n = $1 and kept = $7 and tier = 'archive' returning n`,
      [
        n,
        kept,
        kept ? 'archive' : 'purged',
        object?.key ?? null,
        object?.sha256 ?? null,
        object?.bytes ?? null,
        keptBefore,
      ],
    )
    if (moved.length !== 1) throw new Error(`range ${n} changed meanwhile: the next run looks again`)
    return {
      result: null,
      change: {
        target: { type: 'audit_range', id: String(n) },
        reason: SEAL_REASONS[rule],
        details: { ...manifestOf(n, root, object), kept, removed: removed.length, counts },
      },
    }
  },
})

/**
 * Removes from an archived range what a rule no longer keeps. The segment is written anew without it, synced, read back
 * and compared with the tree, before one transaction seals the range and lets the old segment go; that is deleted after.
 */
export async function sealRange(
  app: App,
  ctx: Context,
  segments: SegmentStore,
  range: RangeRow,
  rule: SealRule,
): Promise<number> {
  const entries = await entriesOf(segments, range)
  await proveRange(app, range, entries)
  const left = entries.map((entry) => (entry !== null && GOES[rule](actionOf(entry)) ? null : entry))
  const removed = entries.flatMap((entry, at) =>
    entry !== null && left[at] === null ? [range.n * TILE_WIDTH + at] : [],
  )
  const counts: Record<string, number> = {}
  for (const index of removed) {
    const area = actionOf(entries[index % TILE_WIDTH] ?? null)?.split('.')[0] ?? 'unknown'
    const name = area.replaceAll('-', '_')
    counts[name] = (counts[name] ?? 0) + 1
  }
  const isEmpty = left.every((entry) => entry === null)
  const object = isEmpty ? null : await writeSegment(app, ctx, segments, range, left)
  const { n, root, kept: keptBefore } = range
  await app.call(recordSeal, { n, root, rule, keptBefore, removed, counts, object }, ctx)
  return removed.length
}

/** Read without the schema: what no longer follows it has to go in its time too. */
function actionOf(entry: string | null): string | null {
  try {
    const { action } = JSON.parse(entry ?? 'null') as { action?: unknown }
    return typeof action === 'string' ? action : null
  } catch {
    return null
  }
}
