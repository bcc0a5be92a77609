import { z } from 'zod'
import { settleAndFollow } from '#portal/modules/uploads/jobs.ts'
import { findUpload } from '#portal/modules/uploads/store-upload.ts'
import { findVideoByAsset } from '#portal/modules/videos/store-video.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { job } from '#portal/platform/job.ts'
import { redactUrls } from '#portal/platform/log.ts'
import { namesOf, tellsOfChange } from './rules.ts'
import { findEvent, markApplied, markFailed } from './store-event.ts'
import type { WebhookEventRow } from './tables.ts'

const ALERT_FROM_ATTEMPT = 3

/**
 * Applies one stored event: finds what it speaks of and brings that to what the service says now. The event itself is
 * only a hint, so that order and repetition do not matter.
 */
export const applyEvent = job({
  name: 'webhooks.apply',
  input: z.strictObject({ eventId: z.string() }),
  maxAttempts: 25,
  async run({ app, input, ctx, attempt }) {
    const event = await app.db.transaction((tx) => findEvent(tx, input.eventId))
    if (!event || event.appliedAt) return
    try {
      const outcome = await apply(app, ctx, event)
      await app.db.transaction((tx) => markApplied(tx, event.id, outcome, ctx.now))
    } catch (error) {
      const message = redactUrls(error instanceof Error ? error.message : String(error))
      await app.db.transaction((tx) => markFailed(tx, event.id, message, ctx.now))
      if (attempt >= ALERT_FROM_ATTEMPT) await raiseAlert(app, event, attempt)
      throw error
    }
    if (attempt >= ALERT_FROM_ATTEMPT) await app.ports.alerts.resolve(alertKey(event))
  },
})

async function apply(
  app: App,
  ctx: Context,
  event: WebhookEventRow,
): Promise<NonNullable<WebhookEventRow['outcome']>> {
  if (!tellsOfChange(event.type)) return 'unknown_type'
  if (event.provider !== app.ports.video.provider) return 'nothing_to_do'
  const uploadId = await app.db.transaction((tx) => findSubject(tx, event))
  if (!uploadId) return 'unknown_object'
  const assetDeleted = event.type === 'video.asset.deleted'
  await settleAndFollow(app, ctx, uploadId, { eventAt: event.occurredAt, assetDeleted })
  return 'applied'
}

async function findSubject(tx: Tx, event: WebhookEventRow): Promise<string | null> {
  const { assetId, providerUploadId, uploadId } = namesOf(event)
  const video = assetId ? await findVideoByAsset(tx, assetId) : null
  const upload =
    (video && (await findUpload(tx, { videoId: video.id }))) ??
    (providerUploadId ? await findUpload(tx, { providerUploadId }) : null) ??
    (uploadId ? await findUpload(tx, { id: uploadId }) : null)
  return upload?.id ?? null
}

const alertKey = (event: WebhookEventRow) => `webhooks.apply:${event.id}`

async function raiseAlert(app: App, event: WebhookEventRow, attempts: number): Promise<void> {
  await app.ports.alerts.raise({
    key: alertKey(event),
    severity: 'warning',
    summary: 'A verified webhook could not be applied; it is being tried again.',
    details: { event_id: event.id, type: event.type, attempts },
  })
}
