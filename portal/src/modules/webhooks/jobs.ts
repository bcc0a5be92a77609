import { z } from 'zod'
import { enqueue, job } from '#portal/platform/job.ts'
import { applyEvent } from './apply-event.ts'
import { listForgottenEvents, purgeBefore } from './store-event.ts'

const KEPT_DAYS = 90

/** Payloads are kept for 90 days at most. */
const purgeWebhooks = job({
  name: 'webhooks.purge',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '17 3 * * *',
  async run({ app, ctx }) {
    const before = new Date(ctx.now.getTime() - KEPT_DAYS * 86_400_000)
    const events = await app.db.transaction((tx) => purgeBefore(tx, before))
    if (events > 0) app.log.info({ events }, 'old webhooks removed')
  },
})

const FORGOTTEN_MS = 6 * 3_600_000
const ONE_RUN = 1000

/** Orders verified events anew whose own tries are used up or whose job was lost. */
const retryWebhooks = job({
  name: 'webhooks.retry',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '23 * * * *',
  async run({ app, ctx }) {
    await app.db.transaction(async (tx) => {
      const before = new Date(ctx.now.getTime() - FORGOTTEN_MS)
      for (const eventId of await listForgottenEvents(tx, before, ONE_RUN)) {
        await enqueue(tx, applyEvent, { eventId }, { key: `webhook:${eventId}` })
      }
    })
  },
})

export const webhookJobs = [applyEvent, purgeWebhooks, retryWebhooks]
