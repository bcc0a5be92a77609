import type { Queryable } from '#engine/platform/db.ts'
import { TIERS, type Tier } from './played-files.ts'

/** What one asset used in a window of time. */
export type AssetUsage = {
  assetId: string
  createdAt: Date
  deletedAt: Date | null
  durationSeconds: number
  resolutionTier: string
  videoQuality: string
  /** Minutes of video times days held: a 10 min video held for 12 h is 5. For one day: minutes held, on average. */
  storageMinuteDays: number
  /** Its length, where it became playable within the window. */
  encodingMinutes: number
  deliveredSeconds: Record<Tier, number>
}

const DAY_SECONDS = 86_400

/**
 * Storage, encoding and delivery by asset in [from, to), which are whole hours; the newest asset first. Storage counts
 * from the moment an asset can be played to its deletion, or to `now` where the window reaches further.
 */
export async function usageByAsset(
  db: Queryable,
  { from, to, now, assetId }: { from: Date; to: Date; now: Date; assetId?: string },
): Promise<AssetUsage[]> {
  const { rows } = await db.query(
    `with delivered as (
       select asset_id, jsonb_object_agg(tier, seconds) as by_tier from (
         select asset_id, tier, sum(seconds) as seconds from engine.delivery_usage
         where hour >= $1 and hour < $2 group by asset_id, tier) t group by asset_id)
     select a.id, a.created_at, a.deleted_at, coalesce(a.duration_seconds, 0) as duration,
       coalesce(a.resolution_tier, '') as resolution_tier, coalesce(a.settings->>'video_quality', '') as video_quality,
       greatest(0, extract(epoch from least($2, $3, coalesce(a.deleted_at, $2)) - greatest($1, a.playable_at)))::float8
         as held, (a.playable_at >= $1 and a.playable_at < $2) as encoded, coalesce(d.by_tier, '{}') as by_tier
     from engine.assets a left join delivered d on d.asset_id = a.id
     where ($4::text is null or a.id = $4) and (d.asset_id is not null or
       (a.playable_at < $2 and (a.deleted_at is null or a.deleted_at > $1)))
     order by a.created_at desc, a.id`,
    [from, to, now, assetId ?? null],
  )
  return rows.map((row) => ({
    assetId: row.id,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    durationSeconds: row.duration,
    resolutionTier: row.resolution_tier,
    videoQuality: row.video_quality,
    storageMinuteDays: ((row.duration / 60) * (row.held ?? 0)) / DAY_SECONDS,
    encodingMinutes: row.encoded ? row.duration / 60 : 0,
    deliveredSeconds: Object.fromEntries(
      TIERS.map((tier) => [tier, row.by_tier[tier] ?? 0]),
    ) as AssetUsage['deliveredSeconds'],
  }))
}

const minutes = (seconds: number) => number(seconds / 60)
const number = (value: number) => String(Math.round(value * 1e6) / 1e6)

const COLUMNS: [string, (usage: AssetUsage) => string][] = [
  ['asset_id', (usage) => usage.assetId],
  ['created_at', (usage) => usage.createdAt.toISOString()],
  ['deleted_at', (usage) => usage.deletedAt?.toISOString() ?? ''],
  ['duration_seconds', (usage) => number(usage.durationSeconds)],
  ['resolution_tier', (usage) => usage.resolutionTier],
  ['video_quality', (usage) => usage.videoQuality],
  ['storage_minutes', (usage) => number(usage.storageMinuteDays)],
  ['encoding_minutes', (usage) => number(usage.encodingMinutes)],
  [
    'delivery_minutes',
    (usage) => minutes(TIERS.reduce((sum, tier) => sum + usage.deliveredSeconds[tier], 0)),
  ],
  ...TIERS.map((tier): [string, (usage: AssetUsage) => string] => [
    `delivery_minutes_${tier.slice('tier_'.length)}`,
    (usage) => minutes(usage.deliveredSeconds[tier]),
  ]),
]

/** One line an asset (RFC 4180). Nothing that people wrote is in it, so no cell can be taken for a formula. */
export function usageCsv(day: string, usage: AssetUsage[]): string {
  const head = ['date', ...COLUMNS.map(([name]) => name)].join(',')
  const lines = usage.map((each) => [day, ...COLUMNS.map(([, cell]) => cell(each))].join(','))
  return `${[head, ...lines].join('\r\n')}\r\n`
}
