import { and, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import { isWatched } from './share-state.ts'
import { shares } from './tables.ts'

/** How a video is shared, in a few numbers for its card. */
export type VideoShares = {
  videoId: string
  /** Links that open now. */
  live: number
  /** Links of these that somebody watches now. */
  watching: number
  /** When the first live link ends. */
  nextExpiry: string | null
  /** How the last link ended, where none is live. */
  lastEnd: 'revoked' | 'expired' | 'used_up' | null
}

/** The shares of up to a hundred videos of the organisation; videos that were never shared are left out. */
export const summariseShares = read({
  action: 'share.summarise',
  input: z.strictObject({ videoIds: z.array(z.string().max(64)).max(100) }),
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor }): Promise<VideoShares[]> {
    if (input.videoIds.length === 0 || actor.kind !== 'user') return []
    const spent = sql`(${shares.maxViews} is not null and ${shares.viewsUsed} >= ${shares.maxViews})`
    const open = and(
      isNull(shares.revokedAt),
      eq(shares.approval, 'open'),
      gt(shares.expiresAt, ctx.now),
      sql`(not ${spent} or ${isWatched(ctx.now)})`,
    ) as SQL
    const ending = sql`case when ${shares.revokedAt} is not null then 'revoked' when ${spent} then 'used_up' else 'expired' end`
    const ended = sql`coalesce(${shares.revokedAt}, case when ${spent} then ${shares.lastUsedAt} end, ${shares.expiresAt})`
    const rows = await db
      .select({
        videoId: shares.videoId,
        live: sql<number>`(count(*) filter (where ${open}))::int`,
        watching: sql<number>`(count(*) filter (where ${open} and ${isWatched(ctx.now)}))::int`,
        nextExpiry: sql<string | null>`to_json(min(${shares.expiresAt}) filter (where ${open}))`,
        lastEnd: sql<VideoShares['lastEnd']>`(array_agg(${ending} order by ${ended} desc))[1]`,
      })
      .from(shares)
      .where(and(inArray(shares.videoId, input.videoIds), eq(shares.organisationId, actor.organisationId)))
      .groupBy(shares.videoId)
    return rows.map((row) => ({
      ...row,
      nextExpiry: row.nextExpiry && new Date(row.nextExpiry).toISOString(),
      lastEnd: row.live > 0 ? null : row.lastEnd,
    }))
  },
})
