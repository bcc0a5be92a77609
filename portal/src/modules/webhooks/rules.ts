import type { WebhookEvent } from '#portal/adapters/video/port.ts'
import { oddFields } from './known-kinds.ts'

/** Largest webhook body that is read; Mux's own are a few kilobytes. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024

/** Where an event stands: `pending` is tried again by itself soon, `dead` at long intervals or when asked for. */
export const STATES = ['pending', 'dead', 'applied', 'discarded'] as const
export type EventState = (typeof STATES)[number]

/** What came of an event that was applied. */
export const OUTCOMES = ['applied', 'nothing_to_do', 'unknown_type', 'unknown_object'] as const

export const REJECTION_REASONS = [
  'signature',
  'replay',
  'too_large',
  'not_text',
  'not_an_event',
  'incomplete',
] as const
export type RejectionReason = (typeof REJECTION_REASONS)[number]

/** Why a try failed, as far as it makes a difference to what a person would do. */
export const CAUSES = [
  'provider_unavailable',
  'provider_refused',
  'database',
  'interrupted',
  'unexpected',
] as const
export type Cause = (typeof CAUSES)[number]

/** Types after which an upload or a video may be in another state. All others are kept and left alone. */
const TELLING = /^video\.(asset|upload)\.(created|asset_created|ready|errored|updated|deleted|cancelled)$/

export function tellsOfChange(type: string): boolean {
  return TELLING.test(type)
}

/**
 * What is kept of an event: names and states, enough to apply it and to explain it. Titles, URLs, playback IDs and
 * whatever the service adds tomorrow stay out.
 */
export function redactEvent(event: WebhookEvent): Record<string, unknown> {
  const { data } = event
  const settings = recordOf(data.new_asset_settings)
  const kept = {
    status: textOf(data.status),
    asset_id: textOf(data.asset_id),
    upload_id: textOf(data.upload_id),
    passthrough: textOf(data.passthrough) ?? textOf(settings.passthrough),
    duration: typeof data.duration === 'number' ? data.duration : undefined,
    resolution_tier: textOf(data.resolution_tier),
    playback_policies: Array.isArray(data.playback_ids)
      ? data.playback_ids.slice(0, 20).map((one) => textOf(recordOf(one).policy) ?? null)
      : undefined,
    error_type: textOf(recordOf(data.errors).type) ?? textOf(recordOf(data.error).type),
    odd: oddFields(event),
  }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
}

/** By which names the object of an event may be known to us. */
export function namesOf(event: { objectType: string; objectId: string; body: Record<string, unknown> }): {
  assetId: string | null
  providerUploadId: string | null
  uploadId: string | null
} {
  const { objectType, objectId, body } = event
  return {
    assetId: (objectType === 'asset' ? objectId : textOf(body.asset_id)) || null,
    providerUploadId: (objectType === 'upload' ? objectId : textOf(body.upload_id)) || null,
    uploadId: textOf(body.passthrough) ?? null,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : undefined
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
