import type { TrackRow } from '#engine/assets/asset-record.ts'

/** A track in Mux's shape; what is unknown is left out. */
export function trackJson(track: TrackRow) {
  const text = track.type === 'text'
  return {
    id: track.id,
    type: track.type,
    status: track.status,
    ...present({
      duration: text ? null : track.duration_seconds,
      max_width: track.max_width,
      max_height: track.max_height,
      max_frame_rate: track.max_frame_rate,
      max_channels: track.max_channels,
      text_type: track.text_type,
      text_source: track.text_source,
      language_code: track.language_code,
      name: track.name,
      closed_captions: text ? (track.closed_captions ?? false) : null,
      passthrough: track.passthrough,
    }),
    ...(track.type === 'audio' ? { primary: track.is_primary } : {}),
  }
}

/** The same as events carry it: with its asset, and with why it failed. */
export function trackEventJson(track: TrackRow) {
  return { ...trackJson(track), asset_id: track.asset_id, ...(track.error ? { error: track.error } : {}) }
}

function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Partial<T>
}
