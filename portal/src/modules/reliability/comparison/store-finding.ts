import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm'
import type { ListedAsset } from '#portal/adapters/video/port.ts'
import { countLiveShares } from '#portal/modules/sharing/count-live-shares.ts'
import type { Context } from '#portal/platform/context.ts'
import { FINDING_KINDS, type FindingKind } from '../rules.ts'
import {
  type FindingRow,
  reconciliationFindings as findings,
  providerTracks,
  type ReconciliationRow,
} from '../tables.ts'
import type { Difference } from './compare-asset.ts'
import { type Db, unseenIn } from './store-reconciliation.ts'

const UNENDED = ['waiting', 'open', 'held', 'failed', 'reported'] as const

/**
 * Keeps differences. One that was seen before and is still there keeps when that was; whether its grace is over is
 * reckoned from then.
 */
export async function keepDifferences(
  db: Db,
  ctx: Context,
  run: ReconciliationRow,
  found: Difference[],
): Promise<void> {
  if (found.length === 0) return
  const touched = found.flatMap(({ kind, videoId }) => (videoId && ENDS_LINKS.has(kind) ? [videoId] : []))
  const shares = await countLiveShares(db, touched, ctx.now)
  const rows = found.map((difference) => ({
    ...difference,
    id: ctx.newId('fnd'),
    provider: run.provider,
    shares: (difference.videoId && shares.get(difference.videoId)) || 0,
    state: stateOf(difference.kind, ctx.now, ctx.now),
    firstSeenAt: ctx.now,
    lastSeenAt: ctx.now,
    lastSeenIn: run.id,
  }))
  await db
    .insert(findings)
    .values(rows)
    .onConflictDoUpdate({
      target: [findings.provider, findings.kind, findings.objectId],
      targetWhere: sql`state in ('waiting', 'open', 'held', 'failed', 'reported')`,
      set: {
        lastSeenAt: ctx.now,
        lastSeenIn: run.id,
        detail: sql`excluded.detail`,
        shares: sql`excluded.shares`,
        uploadId: sql`excluded.upload_id`,
        videoId: sql`excluded.video_id`,
      },
    })
}

const ENDS_LINKS = new Set<FindingKind>(['asset_gone', 'upload_gone', 'playback_id_missing'])

function stateOf(kind: FindingKind, firstSeenAt: Date, now: Date): FindingRow['state'] {
  const { act, graceHours } = FINDING_KINDS[kind]
  if (act === 'report') return 'reported'
  return now.getTime() - firstSeenAt.getTime() >= graceHours * 3_600_000 ? 'open' : 'waiting'
}

/** Those of this run whose grace is over may be acted on from now on. */
export async function endGrace(db: Db, run: ReconciliationRow, now: Date): Promise<void> {
  const waiting = await db
    .select({ id: findings.id, kind: findings.kind, firstSeenAt: findings.firstSeenAt })
    .from(findings)
    .where(and(eq(findings.lastSeenIn, run.id), inArray(findings.state, ['waiting', 'held', 'failed'])))
  const due = waiting.filter(({ kind, firstSeenAt }) => stateOf(kind, firstSeenAt, now) === 'open')
  for (let from = 0; from < due.length; from += 1000) {
    const ids = due.slice(from, from + 1000).map(({ id }) => id)
    await db.update(findings).set({ state: 'open' }).where(inArray(findings.id, ids))
  }
}

/** What was found before and not by this run is no longer so. */
export async function clearUnseen(db: Db, run: ReconciliationRow, now: Date): Promise<void> {
  await db
    .update(findings)
    .set({ state: 'cleared', actedAt: now })
    .where(
      and(
        eq(findings.provider, run.provider),
        ne(findings.lastSeenIn, run.id),
        inArray(findings.state, [...UNENDED]),
      ),
    )
}

/** How many of this run's findings wait to be acted on, by kind. */
export async function countOpen(db: Db, run: ReconciliationRow): Promise<Map<FindingKind, number>> {
  const rows = await db
    .select({ kind: findings.kind, count: sql<number>`count(*)::int` })
    .from(findings)
    .where(and(eq(findings.lastSeenIn, run.id), eq(findings.state, 'open')))
    .groupBy(findings.kind)
  return new Map(rows.map(({ kind, count }) => [kind, count]))
}

/** Has these kinds of this run wait for a person; returns how many do. */
export async function holdFindings(db: Db, run: ReconciliationRow, kinds: FindingKind[]): Promise<number> {
  const { rowCount } = await db
    .update(findings)
    .set({ state: 'held' })
    .where(and(eq(findings.lastSeenIn, run.id), eq(findings.state, 'open'), inArray(findings.kind, kinds)))
  return rowCount ?? 0
}

/** The next of this run's findings that are to be acted on: what mends first, what ends or deletes last. */
export async function nextOpen(db: Db, run: ReconciliationRow, limit: number): Promise<FindingRow[]> {
  const bounded = (Object.keys(FINDING_KINDS) as FindingKind[]).filter((kind) => FINDING_KINDS[kind].bounded)
  return await db
    .select()
    .from(findings)
    .where(and(eq(findings.lastSeenIn, run.id), eq(findings.state, 'open')))
    .orderBy(sql`${inArray(findings.kind, bounded)}`, asc(findings.id))
    .limit(limit)
}

/** Found and put right in this run, by kind. */
export async function summariseFindings(
  db: Db,
  run: ReconciliationRow,
): Promise<Partial<Record<FindingKind, [number, number]>>> {
  const rows = await db
    .select({
      kind: findings.kind,
      found: sql<number>`count(*)::int`,
      done: sql<number>`(count(*) filter (where ${findings.state} = 'done'))::int`,
    })
    .from(findings)
    .where(eq(findings.lastSeenIn, run.id))
    .groupBy(findings.kind)
  return Object.fromEntries(rows.map(({ kind, found, done }) => [kind, [found, done]]))
}

/** Tracks of these assets as they were last seen. */
export async function listKnownTracks(
  db: Db,
  assetIds: string[],
): Promise<Map<string, { trackId: string; type: string }[]>> {
  if (assetIds.length === 0) return new Map()
  const rows = await db.select().from(providerTracks).where(inArray(providerTracks.assetId, assetIds))
  return Map.groupBy(rows, ({ assetId }) => assetId)
}

/** Notes the tracks of assets that are compared for the first time. */
export async function keepTracks(db: Db, assets: ListedAsset[], now: Date): Promise<void> {
  const rows = assets.flatMap(({ id, tracks }) =>
    tracks
      .filter(({ status }) => status !== 'deleted')
      .map((track) => ({
        ...{ assetId: id, trackId: track.id, type: track.type },
        ...{ languageCode: track.languageCode, firstSeenAt: now },
      })),
  )
  if (rows.length > 0) await db.insert(providerTracks).values(rows).onConflictDoNothing()
}

/** Forgets tracks of assets that are no longer there. */
export async function forgetTracks(db: Db, run: ReconciliationRow): Promise<void> {
  await db.delete(providerTracks).where(unseenIn(run.id)(sql`${providerTracks.assetId}`))
}
