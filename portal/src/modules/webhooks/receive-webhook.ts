import { z } from 'zod'
import type { VerifiedEvent } from '#portal/adapters/video/port.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError, isAppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { alreadyTold } from '#portal/platform/refusals.ts'
import { countRejection, recordRejection } from './count-rejections.ts'
import { MAX_WEBHOOK_BYTES, type RejectionReason } from './rules.ts'
import { storeEvent } from './store-event.ts'

/** Of an hour and reason: those whose metadata is written down and goes to the log; the rest is counted. */
const WRITTEN_AN_HOUR = 200
/** Of them, those that the error tracker hears of. */
const REPORTED_AN_HOUR = 20
/** An alert that is open already hears of every so many more. */
const ALERT_EVERY = 100

type Rejection = { reason: RejectionReason; bodyBytes: number }

/**
 * The video service's webhook: signature over the raw body, then one statement that stores the event and has it applied,
 * then the answer. An event that was met before is acknowledged and not applied again; the very same request, signed at
 * the same second, is refused.
 * @throws AppError too_large, unauthenticated where it does not verify, invalid where it is signed and no event
 */
export const receiveWebhook = flow({
  action: 'webhook.receive',
  input: z.strictObject({
    /** Null where there was more than may be read. */
    body: z.instanceof(Uint8Array).nullable(),
    bodyBytes: z.int(),
    /** The body ended before its time. */
    cutOff: z.boolean().default(false),
    signature: z.string().nullable(),
  }),
  allow: { anyone: true },
  async run({ app, input, ctx }) {
    const { body, bodyBytes, cutOff, signature } = input
    app.telemetry.add('portal.webhook.received', {})
    const refuse = (reason: RejectionReason) => reject(app, ctx, { reason, bodyBytes })
    if (body === null || bodyBytes > MAX_WEBHOOK_BYTES) return await refuse('too_large')
    if (cutOff) return await refuse('incomplete')
    const text = decodeStrictly(body)
    if (text === null) return await refuse('not_text')
    let event: VerifiedEvent | null
    try {
      event = await app.ports.video.verifyWebhook(text, signature, ctx.now)
    } catch (error) {
      if (!isAppError(error) || error.code !== 'invalid') throw error
      return await refuse('not_an_event')
    }
    if (!event) return await refuse('signature')
    const status = await storeEvent(app, { event, provider: app.ports.video.provider, at: ctx.now })
    if (status === 'replay') return await refuse('replay')
    app.telemetry.add('portal.webhook.verified', { sighting: status === 'stored' ? 'new' : 'repeat' })
    return { status }
  },
})

async function reject(app: App, ctx: Context, rejection: Rejection): Promise<never> {
  const { reason, bodyBytes } = rejection
  const place = await countRejection(app, { reason, at: ctx.now })
  app.telemetry.add('portal.webhook.rejected', { reason })
  if (place <= WRITTEN_AN_HOUR) await app.call(recordRejection, rejection, ctx)
  if (place <= REPORTED_AN_HOUR || place % ALERT_EVERY === 0)
    await app.ports.alerts.raise({
      key: `webhook.reject:${reason}`,
      severity: 'warning',
      summary:
        reason === 'replay'
          ? 'Webhooks arrive that were sent before, signature and all: somebody repeats what they overheard.'
          : 'Webhooks arrive that the video service did not sign: somebody forges them, or the secret is wrong.',
      details: { reason, body_bytes: bodyBytes, this_hour: place },
    })
  const error = answerTo(reason)
  if (place <= REPORTED_AN_HOUR)
    await app.ports.errors.report(error, { security: 'webhook.reject', reason, requestId: ctx.requestId })
  throw alreadyTold(error)
}

function answerTo(reason: RejectionReason): AppError {
  if (reason === 'too_large') return new AppError('too_large', 'A webhook has at most 1 MiB.')
  if (reason === 'not_an_event') return new AppError('invalid', 'The body is signed, but it is no event.')
  if (reason === 'replay')
    return new AppError('unauthenticated', 'This request came before. Sign each delivery at its own time.')
  return new AppError('unauthenticated', 'The signature does not verify.')
}

function decodeStrictly(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}
