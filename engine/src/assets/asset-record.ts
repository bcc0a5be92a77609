import type { ImagesResult, MediaInfo } from '#engine/media/ingest-context.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { AssetMeta, AssetSettings } from './asset-settings.ts'

/** A row of engine.assets. */
export type AssetRow = {
  id: string
  status: 'preparing' | 'ready' | 'errored'
  upload_id: string | null
  ingest_type: string
  settings: AssetSettings
  passthrough: string | null
  meta: AssetMeta | null
  test: boolean
  source_key: string | null
  source_bytes: number | null
  source_sha256: Buffer | null
  /** Of a clip. */
  source_asset_id: string | null
  media: MediaInfo | null
  images: ImagesResult | null
  duration_seconds: number | null
  aspect_ratio: string | null
  max_width: number | null
  max_height: number | null
  max_frame_rate: number | null
  resolution_tier: string | null
  /** Seconds; where thumbnails are taken unless they are asked for elsewhere. */
  thumbnail_time: number | null
  master_access: 'none' | 'temporary'
  master_status: 'preparing' | 'ready' | 'errored' | null
  master_key: string | null
  /** Signed; while the master is ready. */
  master_url: string | null
  master_expires_at: Date | null
  errors: { type: string; messages: string[]; reason?: string } | null
  progress_state: 'ingesting' | 'transcoding' | 'completed' | 'errored'
  progress_percent: number
  ingest_attempt: string | null
  ingest_failures: number
  deadline_at: Date
  created_at: Date
  playable_at: Date | null
  completed_at: Date | null
  deleted_at: Date | null
}

export type PlaybackIdRow = { id: string; asset_id: string; policy: 'public' | 'signed'; created_at: Date }

export type TrackRow = {
  id: string
  asset_id: string
  type: 'video' | 'audio' | 'text'
  status: string
  duration_seconds: number | null
  max_width: number | null
  max_height: number | null
  max_frame_rate: number | null
  max_channels: number | null
  language_code: string | null
  name: string | null
  is_primary: boolean
  /** Of texts, these five. */
  text_type: string | null
  text_source: 'uploaded' | 'embedded' | 'generated_vod' | null
  closed_captions: boolean | null
  object_key: string | null
  stream_index: number | null
  passthrough: string | null
  /** Where its file is fetched from. */
  source_url: string | null
  /** The audio track whose words it writes down. */
  generated_from: string | null
  error: { type: string; messages: string[] } | null
  failures: number
}

/** A row of engine.static_renditions. */
export type StaticRenditionRow = {
  id: string
  asset_id: string
  name: string
  ext: 'mp4' | 'm4a'
  resolution: string
  status: 'preparing' | 'ready' | 'skipped' | 'errored'
  width: number | null
  height: number | null
  bit_rate: number | null
  bytes: number | null
  object_key: string | null
  passthrough: string | null
  error: { type: string; messages: string[] } | null
}

/** An asset with all that its answer shows. */
export type FullAsset = AssetRow & {
  playback_ids: PlaybackIdRow[]
  tracks: TrackRow[]
  static_renditions: StaticRenditionRow[]
}

/** Assets by id, in the order given; deleted and unknown ones are left out unless asked for. */
export async function loadAssets(db: Queryable, ids: string[], withDeleted = false): Promise<FullAsset[]> {
  if (ids.length === 0) return []
  const { rows: assets } = await db.query<AssetRow>(
    'select * from engine.assets where id = any($1) and ($2 or deleted_at is null)',
    [ids, withDeleted],
  )
  const { rows: playbackIds } = await db.query<PlaybackIdRow>(
    `select id, asset_id, policy, created_at from engine.playback_ids
     where asset_id = any($1) and deleted_at is null order by created_at, id`,
    [ids],
  )
  const { rows: tracks } = await db.query<TrackRow>(
    'select * from engine.tracks where asset_id = any($1) order by created_at, type desc, id',
    [ids],
  )
  const { rows: files } = await db.query<StaticRenditionRow>(
    'select * from engine.static_renditions where asset_id = any($1) order by created_at, name',
    [ids],
  )
  const byId = new Map(assets.map((asset) => [asset.id, asset]))
  return ids
    .map((id) => byId.get(id))
    .filter((asset) => asset !== undefined)
    .map((asset) => ({
      ...asset,
      playback_ids: playbackIds.filter((row) => row.asset_id === asset.id),
      tracks: tracks.filter((row) => row.asset_id === asset.id),
      static_renditions: files.filter((row) => row.asset_id === asset.id),
    }))
}

export async function findAsset(db: Queryable, id: string): Promise<FullAsset | null> {
  return (await loadAssets(db, [id]))[0] ?? null
}
