import { z } from 'zod'
import type { WebhookEvent } from '#portal/adapters/video/port.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError, isAppError } from '#portal/platform/errors.ts'
import { enqueue } from '#portal/platform/job.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { applyEvent } from './apply-event.ts'
import { MAX_WEBHOOK_BYTES } from './rules.ts'
import { insertEvent, insertRejection, type Rejection } from './store-event.ts'

const REASONS = ['signature', 'too_large', 'not_text', 'not_an_event'] as const

/** Forgeries told apart from one address; past that a flood is counted by its alert and no longer written down. */
const REJECTIONS_A_MINUTE = { name: 'webhook-rejections', limit: 600, windowSeconds: 60 }

const recordRejection = verb({
  action: 'webhook.reject',
  input: z.strictObject({ reason: z.enum(REASONS), bodyBytes: z.int() }),
  allow: { anyone: true },
  async run({ tx, input, ctx }) {
    await insertRejection(tx, { ...input, requestId: ctx.requestId }, ctx.now)
    return {
      result: null,
      change: {
        target: { type: 'webhook', id: ctx.requestId },
        outcome: 'refused',
        reason: input.reason,
        details: { body_bytes: input.bodyBytes },
      },
    }
  },
})

/**
 * The video service's webhook: signature over the raw body, then one transaction that stores the event and orders its
 * application, then the answer. An event that was met before is acknowledged and not applied again.
 * @throws AppError too_large, unauthenticated where it does not verify, invalid where it is signed and no event
 */
export const receiveWebhook = flow({
  action: 'webhook.receive',
  input: z.strictObject({
    body: z.instanceof(Uint8Array).nullable(),
    bodyBytes: z.int(),
    signature: z.string().nullable(),
  }),
  allow: { anyone: true },
  async run({ app, input, ctx }) {
    const { body, bodyBytes, signature } = input
    if (body === null || bodyBytes > MAX_WEBHOOK_BYTES)
      return await reject(app, ctx, { reason: 'too_large', bodyBytes })
    const text = decodeStrictly(body)
    if (text === null) return await reject(app, ctx, { reason: 'not_text', bodyBytes })
    let event: WebhookEvent | null
    try {
      event = await app.ports.video.verifyWebhook(text, signature, ctx.now)
    } catch (error) {
      if (!isAppError(error) || error.code !== 'invalid') throw error
      return await reject(app, ctx, { reason: 'not_an_event', bodyBytes })
    }
    if (!event) return await reject(app, ctx, { reason: 'signature', bodyBytes })
    const isNew = await store(app, ctx, event)
    return { status: isNew ? ('stored' as const) : ('known' as const) }
  },
})

async function store(app: App, ctx: Context, event: WebhookEvent): Promise<boolean> {
  return await app.db.transaction(async (tx) => {
    const isNew = await insertEvent(tx, app.ports.video.provider, event, ctx.now)
    if (isNew) await enqueue(tx, applyEvent, { eventId: event.id }, { key: `webhook:${event.id}` })
    return isNew
  })
}

async function reject(app: App, ctx: Context, rejection: Omit<Rejection, 'requestId'>): Promise<never> {
  const { allowed } = await app.ports.limits.consume(REJECTIONS_A_MINUTE, ctx.ipHash ?? 'unknown')
  if (allowed) await app.call(recordRejection, rejection, ctx)
  await app.ports.alerts.raise({
    key: `webhook.reject:${rejection.reason}`,
    severity: 'warning',
    summary:
      'Webhooks arrive that the video service did not sign: somebody forges them, or the secret is wrong.',
    details: { reason: rejection.reason, body_bytes: rejection.bodyBytes },
  })
  const error = answerTo(rejection.reason)
  if (allowed) await app.ports.errors.report(error, { reason: rejection.reason, requestId: ctx.requestId })
  throw error
}

function answerTo(reason: Rejection['reason']): AppError {
  if (reason === 'too_large') return new AppError('too_large', 'A webhook has at most 1 MiB.')
  if (reason === 'not_an_event') return new AppError('invalid', 'The body is signed, but it is no event.')
  return new AppError('unauthenticated', 'The signature does not verify.')
}

function decodeStrictly(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}
