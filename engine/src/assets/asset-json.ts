import type { FullAsset } from './asset-record.ts'
import { QUALITY_TO_TIER } from './asset-settings.ts'
import { nonStandardReasons } from './input-info.ts'
import { masterJson } from './master-access/master-json.ts'
import { staticRenditionsJson } from './static-renditions/static-rendition-json.ts'
import { trackJson } from './tracks/track-json.ts'

/** REST writes created_at as a string of unix seconds, webhooks as an integer. */
export type Instants = 'string' | 'integer'

/** An asset in Mux's shape, with the older and the newer spelling of each field. */
export function assetJson(asset: FullAsset, instants: Instants) {
  const seconds = Math.floor(asset.created_at.getTime() / 1000)
  return {
    id: asset.id,
    created_at: instants === 'string' ? String(seconds) : seconds,
    status: asset.status,
    ...present({
      duration: asset.duration_seconds,
      aspect_ratio: asset.aspect_ratio,
      resolution_tier: asset.resolution_tier,
      max_stored_resolution: storedResolution(asset),
      max_stored_frame_rate: asset.max_frame_rate,
      upload_id: asset.upload_id,
      source_asset_id: asset.source_asset_id,
      thumbnail_time: asset.thumbnail_time,
      non_standard_input_reasons: asset.media && nonStandardReasons(asset.media),
      passthrough: asset.passthrough,
      meta: asset.meta,
      errors: asset.errors && { type: asset.errors.type, messages: asset.errors.messages },
      // This engine's own addition: what kind of fault a file has, for those who tell people what to do about it.
      engine: asset.errors?.reason ? { error_reason: asset.errors.reason } : null,
    }),
    max_resolution_tier: asset.settings.max_resolution_tier,
    video_quality: asset.settings.video_quality,
    encoding_tier: QUALITY_TO_TIER[asset.settings.video_quality],
    playback_ids: asset.playback_ids.map(({ id, policy }) => ({ id, policy })),
    tracks: asset.tracks.map(trackJson),
    ...masterJson(asset),
    mp4_support: asset.settings.mp4_support ?? 'none',
    ...staticRenditionsJson(asset),
    normalize_audio: asset.settings.normalize_audio,
    ingest_type: asset.ingest_type,
    test: asset.test,
    progress: progressJson(asset),
  }
}

/** While waiting or after an error Mux shows -1: there is no telling. */
function progressJson(asset: FullAsset) {
  const percent = asset.progress_state === 'errored' ? -1 : Math.round(asset.progress_percent * 10) / 10
  return { state: asset.progress_state, progress: percent }
}

function storedResolution(asset: FullAsset): string | null {
  if (asset.resolution_tier === null) return null
  if (asset.resolution_tier === 'audio-only') return 'Audio only'
  const lines = Math.min(asset.max_width ?? 0, asset.max_height ?? 0)
  if (lines < 720) return 'SD'
  if (lines < 1080) return 'HD'
  return lines <= 1440 ? 'FHD' : 'UHD'
}

/** Mux leaves out what is unknown instead of writing null. */
function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Partial<T>
}
