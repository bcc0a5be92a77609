import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import type { WebhookEvent } from './port.ts'

/** Seconds that a webhook's time may differ from ours, either way. */
export const WEBHOOK_TOLERANCE_SECONDS = 300

const TIME = /^\d{1,12}$/
const SIGNATURE = /^[0-9a-f]{64}$/

/**
 * The signature, if `mux-signature` (`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, several v1 while a secret is being
 * replaced) holds for this body now; else null. Stricter than the SDK's verifier, which takes the last of several times, reads
 * "12abc" as 12, lets any future pass, and asks the machine's clock.
 */
export function findSignature(
  rawBody: string,
  header: string | null,
  secret: string,
  now: Date,
): Buffer | null {
  if (!secret || !header || header.length > 2000) return null
  const parts = header.split(',').map((part) => part.trim().split('='))
  const times = parts.filter(([name]) => name === 't')
  const signatures = parts.filter(([name, value]) => name === 'v1' && SIGNATURE.test(value ?? ''))
  const seconds = times[0]?.[1] ?? ''
  if (times.length !== 1 || !TIME.test(seconds) || signatures.length > 10) return null
  if (Math.abs(now.getTime() / 1000 - Number(seconds)) > WEBHOOK_TOLERANCE_SECONDS) return null
  const expected = createHmac('sha256', secret).update(`${seconds}.${rawBody}`).digest()
  // All are compared, each in constant time: neither which one fits nor how far it fits can be timed.
  const fitting = signatures.filter(([, hex]) => timingSafeEqual(Buffer.from(hex ?? '', 'hex'), expected))
  return fitting.length > 0 ? expected : null
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
