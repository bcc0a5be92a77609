import type { WebhookEvent } from '#portal/adapters/video/port.ts'

/** Mux's event types as documented in November 2026, for its REST API v1. */
const KNOWN = [
  'video.asset.(created|ready|errored|updated|deleted|warning|non_standard_input_detected|live_stream_completed)',
  'video.asset.track.(created|ready|errored|deleted)',
  'video.asset.static_rendition.(created|preparing|ready|errored|skipped|deleted)',
  'video.asset.static_renditions.(preparing|ready|deleted|errored)',
  'video.asset.master.(preparing|ready|deleted|errored)',
  'video.asset.shots.[a-z_.]+',
  'video.upload.(created|asset_created|cancelled|errored)',
  'video.delivery.high_traffic',
  'video.live_stream.[a-z_.]+',
  'video.simulcast_target.[a-z_.]+',
  'video.space.[a-z_.]+',
  'robots.[a-z_.]+',
].map((pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.')}$`))

/** Whether the portal was written with this type of event in mind, be it to leave it alone. */
export function isKnownType(type: string): boolean {
  return KNOWN.some((pattern) => pattern.test(type))
}

const STATUSES: Record<string, readonly string[]> = {
  asset: ['preparing', 'ready', 'errored'],
  upload: ['waiting', 'asset_created', 'errored', 'cancelled', 'timed_out'],
}

/**
 * Names of fields that are not as the service's documents have them, for an asset or an upload; undefined where all are.
 * Names alone: what stands in them may be anything.
 */
export function oddFields({ type, objectType, objectId, data }: WebhookEvent): string[] | undefined {
  const about = /^video\.(asset|upload)\.[a-z_]+$/.exec(type)?.[1]
  if (!about || !isKnownType(type)) return undefined
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  const faults: Record<string, boolean> = {
    object: objectType !== about || objectId === '',
    id: data.id !== objectId,
    status: !STATUSES[about]?.includes(String(data.status)),
    upload_id: data.upload_id !== undefined && !isText(data.upload_id),
    asset_id: data.asset_id !== undefined && !isText(data.asset_id),
    playback_ids: data.playback_ids !== undefined && !Array.isArray(data.playback_ids),
    duration: data.duration !== undefined && typeof data.duration !== 'number',
  }
  const odd = Object.keys(faults).filter((name) => faults[name])
  return odd.length > 0 ? odd : undefined
}

/** What of an event nobody here has met before, as keys to be told of once each: its type, or its shape. */
export function strangeKinds({ type, body }: { type: string; body: Record<string, unknown> }): string[] {
  if (!isKnownType(type)) return [`type:${type}`]
  const odd = Array.isArray(body.odd) ? body.odd : []
  return odd.map((field) => `shape:${type}:${field}`)
}
