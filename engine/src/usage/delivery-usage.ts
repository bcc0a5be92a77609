import { QUALITY_TO_TIER } from '#engine/assets/asset-settings.ts'
import type { Queryable } from '#engine/platform/db.ts'
import { TIERS, type Tier } from './played-files.ts'

type UsageRow = {
  id: string
  status: 'ready' | 'errored' | 'preparing'
  passthrough: string | null
  resolution_tier: string | null
  video_quality: keyof typeof QUALITY_TO_TIER
  duration_seconds: number | null
  created_at: Date
  deleted_at: Date | null
  seconds: number
  by_tier: Partial<Record<Tier, number>>
  total: number
}

export type UsageWindow = { from: Date; to: Date; assetId: string | null; limit: number; offset: number }

/**
 * Seconds delivered by asset, most first: the hours that begin in [from, to), so that windows side by side neither
 * miss nor double anything. Deleted assets are in it too.
 */
export async function listDeliveryUsage(
  db: Queryable,
  { from, to, assetId, limit, offset }: UsageWindow,
): Promise<{ rows: UsageRow[]; total: number }> {
  const { rows } = await db.query<UsageRow>(
    `with tiers as (
       select asset_id, tier, sum(seconds) as seconds from engine.delivery_usage
       where hour >= $1 and hour < $2 and ($3::text is null or asset_id = $3) group by asset_id, tier),
     used as (
       select asset_id, sum(seconds) as seconds, jsonb_object_agg(tier, seconds) as by_tier from tiers
       where seconds > 0 group by asset_id)
     select a.id, a.status, a.passthrough, a.resolution_tier, a.settings->>'video_quality' as video_quality,
       a.duration_seconds, a.created_at, a.deleted_at, used.seconds, used.by_tier, count(*) over () as total
     from used join engine.assets a on a.id = used.asset_id
     order by used.seconds desc, a.id limit $4 offset $5`,
    [from, to, assetId, limit, offset],
  )
  if (rows[0] || offset === 0) return { rows, total: rows[0]?.total ?? 0 }
  const { total } = await listDeliveryUsage(db, { from, to, assetId, limit: 1, offset: 0 })
  return { rows, total }
}

/** One asset's usage as REST shows it; a tier without any is left out. */
export function deliveryUsageJson(row: UsageRow) {
  return {
    asset_id: row.id,
    asset_state: row.deleted_at ? 'deleted' : row.status === 'errored' ? 'errored' : 'ready',
    asset_resolution_tier: row.resolution_tier ?? 'audio-only',
    asset_encoding_tier: QUALITY_TO_TIER[row.video_quality],
    asset_video_quality: row.video_quality,
    asset_duration: row.duration_seconds ?? 0,
    created_at: unixSeconds(row.created_at),
    ...(row.deleted_at ? { deleted_at: unixSeconds(row.deleted_at) } : {}),
    ...(row.passthrough ? { passthrough: row.passthrough } : {}),
    delivered_seconds: micro(row.seconds),
    delivered_seconds_by_resolution: Object.fromEntries(
      TIERS.flatMap((tier) => {
        const seconds = micro(row.by_tier[tier] ?? 0)
        return seconds > 0 ? [[tier, seconds]] : []
      }),
    ),
  }
}

const unixSeconds = (at: Date) => String(Math.floor(at.getTime() / 1000))
/** Sums of many fractions end in noise. */
const micro = (seconds: number) => Math.round(seconds * 1e6) / 1e6
