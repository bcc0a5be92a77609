import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import type { WebhookEvent } from './port.ts'

/** Seconds that a webhook's time may differ from ours, either way. */
export const WEBHOOK_TOLERANCE_SECONDS = 300

const TIME = /^\d{1,12}$/
const SIGNATURE = /^[0-9a-f]{64}$/

/**
 * The header in one strict form, if its one time is near `now`: exactly one `t`, one to ten `v1`, other schemes left
 * out. The SDK takes the last of several times, reads "12abc" as 12, and lets any future pass.
 */
export function readWebhookTime(header: string | null, now: Date): { header: string } | null {
  if (!header || header.length > 2000) return null
  const parts = header.split(',').map((part) => part.trim().split('='))
  const times = parts.filter(([name]) => name === 't')
  const signatures = parts.filter(([name, value]) => name === 'v1' && SIGNATURE.test(value ?? ''))
  const seconds = times[0]?.[1] ?? ''
  if (times.length !== 1 || !TIME.test(seconds) || signatures.length < 1 || signatures.length > 10)
    return null
  if (Math.abs(now.getTime() / 1000 - Number(seconds)) > WEBHOOK_TOLERANCE_SECONDS) return null
  return { header: [`t=${seconds}`, ...signatures.map(([, value]) => `v1=${value}`)].join(',') }
}

const envelope = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  created_at: z.string().max(64).nullish(),
  object: z.looseObject({ type: z.string().max(100).nullish(), id: z.string().max(200).nullish() }).nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
})

/** The event in a body whose signature holds; @throws AppError invalid where it is none. */
export function readWebhook(rawBody: string, now: Date): WebhookEvent {
  const parsed = envelope.safeParse(parseJson(rawBody))
  if (!parsed.success) throw new AppError('invalid', 'The body is signed, but it is no event.')
  const { id, type, created_at, object, data } = parsed.data
  const createdAt = created_at ? new Date(created_at) : now
  return {
    id,
    type,
    createdAt: Number.isNaN(createdAt.getTime()) ? now : createdAt,
    objectType: object?.type ?? '',
    objectId: object?.id ?? '',
    data: data ?? {},
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
