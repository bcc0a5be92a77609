import type { FullAsset, StaticRenditionRow } from '#engine/assets/asset-record.ts'
import { tierOf } from '#engine/assets/media-facts.ts'
import { isLegacy } from './file-names.ts'

/** One file in Mux's shape. Those of the older `mp4_support` have neither an id nor a status of their own. */
export function staticRenditionJson(row: StaticRenditionRow) {
  return {
    name: row.name,
    ext: row.ext,
    ...present({
      height: row.height,
      width: row.width,
      bitrate: row.bit_rate,
      filesize: row.bytes === null ? null : String(row.bytes),
    }),
    ...(isLegacy(row.resolution)
      ? {}
      : {
          id: row.id,
          type: 'standard',
          status: row.status,
          resolution: row.resolution,
          ...present({ resolution_tier: resolutionTier(row), passthrough: row.passthrough }),
        }),
  }
}

/** The same as events carry it. */
export function staticRenditionEventJson(row: StaticRenditionRow) {
  return { ...staticRenditionJson(row), asset_id: row.asset_id, ...(row.error ? { error: row.error } : {}) }
}

/** `static_renditions` of an asset, or nothing if none was asked for. `status` is that of `mp4_support` alone. */
export function staticRenditionsJson(asset: FullAsset) {
  const rows = asset.static_renditions
  const support = asset.settings.mp4_support !== undefined
  if (rows.length === 0 && !support) return {}
  // Which files there will be is known once the ladder stands.
  const waiting = asset.completed_at === null && asset.status !== 'errored'
  const legacy = support ? { status: waiting ? 'preparing' : overallStatus(rows) } : {}
  // The older kind lists a file only once it is there.
  const files = rows.filter((row) => !isLegacy(row.resolution) || row.status === 'ready')
  return { static_renditions: { ...legacy, files: files.map(staticRenditionJson) } }
}

/** What `mp4_support` files are together. */
export function overallStatus(rows: StaticRenditionRow[]): 'ready' | 'preparing' | 'errored' | 'disabled' {
  const statuses = new Set(rows.filter((row) => isLegacy(row.resolution)).map(({ status }) => status))
  if (statuses.has('preparing')) return 'preparing'
  if (statuses.has('errored')) return 'errored'
  return statuses.has('ready') ? 'ready' : 'disabled'
}

function resolutionTier(row: StaticRenditionRow) {
  if (row.ext === 'm4a') return 'audio-only'
  return row.width && row.height ? tierOf(row.width * row.height) : null
}

function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Partial<T>
}
