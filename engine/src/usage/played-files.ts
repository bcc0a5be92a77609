import type { Queryable } from '#engine/platform/db.ts'

/** Mux's delivery tiers, by the pixels of the picture that was sent. */
export const TIERS = ['tier_audio_only', 'tier_720p', 'tier_1080p', 'tier_1440p', 'tier_2160p'] as const
export type Tier = (typeof TIERS)[number]

/** 1280 × 720, 1920 × 1080 and 2048 × 2048 pixels are the most of their tiers. */
export function pixelTier(width: number, height: number): Tier {
  const pixels = width * height
  if (pixels <= 921_600) return 'tier_720p'
  if (pixels <= 2_073_600) return 'tier_1080p'
  return pixels <= 4_194_304 ? 'tier_1440p' : 'tier_2160p'
}

/** What the bytes of a file are worth. */
export type Played = {
  assetId: string
  /** Null: costs nothing, as the sound that goes with a picture. */
  tier: Tier | null
  /** Of each segment; of a file in one piece there is one. */
  seconds: number[]
}

/** A segment's rendition folder, or the file itself where it is in one piece. */
export function nameOf(key: string): string {
  return key.endsWith('.m4s') ? key.slice(0, key.lastIndexOf('/') + 1) : key
}

/** Which of `seconds` a key is about. */
export function partOf(key: string): number {
  return key.endsWith('.m4s') ? Number(key.slice(key.lastIndexOf('/') + 1, -4)) : 0
}

const ASSET = /^assets\/([A-Za-z0-9_-]+)\//

/** Looks up renditions by folder and static renditions by key; what is neither is missing in the answer. */
export async function loadPlayed(db: Queryable, names: string[]): Promise<Map<string, Played>> {
  const assetIds = [...new Set(names.flatMap((name) => ASSET.exec(name)?.[1] ?? []))]
  const { rows } = await db.query(
    `select r.folder as name, r.asset_id, r.kind, r.width, r.height, a.resolution_tier,
       array(select (segment->>0)::float8 from jsonb_array_elements(r.segments) as segment) as seconds
     from engine.renditions r join engine.assets a on a.id = r.asset_id
     where r.asset_id = any($1) and r.folder = any($2)
     union all
     select s.object_key, s.asset_id, case when s.resolution = 'audio-only' then 'audio' else 'video' end,
       s.width, s.height, 'audio-only', array[a.duration_seconds]
     from engine.static_renditions s join engine.assets a on a.id = s.asset_id
     where s.asset_id = any($1) and s.object_key = any($2)`,
    [assetIds, names],
  )
  return new Map(
    rows.map((row) => [row.name, { assetId: row.asset_id, tier: tierOf(row), seconds: row.seconds }]),
  )
}

function tierOf(row: { kind: string; width: number; height: number; resolution_tier: string }): Tier | null {
  if (row.kind === 'video') return pixelTier(row.width, row.height)
  return row.resolution_tier === 'audio-only' ? 'tier_audio_only' : null
}

const DEFINITION = /^! (\S+) (\S+) (\S+) ([\d.,e-]*)$/

/** One line of a journal that says what its files are worth. */
export function writeDefinition(name: string, { assetId, tier, seconds }: Played): string {
  return `! ${name} ${assetId} ${tier ?? '-'} ${seconds.join(',')}\n`
}

export function readDefinition(line: string): [string, Played] | null {
  const [, name, assetId, tier, seconds] = DEFINITION.exec(line) ?? []
  if (!name || !assetId || seconds === undefined) return null
  const known = TIERS.find((each) => each === tier) ?? null
  return [name, { assetId, tier: known, seconds: seconds.split(',').map(Number) }]
}
