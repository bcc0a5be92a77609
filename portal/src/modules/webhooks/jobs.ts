import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { applyDueEvents } from './apply-job.ts'
import { purgeBefore } from './purge-webhooks.ts'
import { replayDueLetters } from './replay-due-letters.ts'
import { continueReplay } from './run-replay.ts'
import { sweepWebhooks } from './sweep-webhooks.ts'

const KEPT_DAYS = 90
const ATTEMPTS_KEPT_DAYS = 30

/** Payloads are kept for 90 days at most, attempts for 30. */
const purgeWebhooks = job({
  name: 'webhooks.purge',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '17 3 * * *',
  async run({ app, ctx }) {
    const ago = (days: number) => new Date(ctx.now.getTime() - days * 86_400_000)
    const removed = await app.db.transaction((tx) =>
      purgeBefore(tx, { payloads: ago(KEPT_DAYS), attempts: ago(ATTEMPTS_KEPT_DAYS) }),
    )
    app.log.info(removed, 'old webhooks removed')
  },
})

export const webhookJobs = [applyDueEvents, sweepWebhooks, continueReplay, replayDueLetters, purgeWebhooks]
