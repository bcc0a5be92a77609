import { applyDueEvents } from './apply-job.ts'
import { replayDueLetters } from './replay-due-letters.ts'
import { continueReplay } from './run-replay.ts'
import { sweepWebhooks } from './sweep-webhooks.ts'

export const webhookJobs = [applyDueEvents, sweepWebhooks, continueReplay, replayDueLetters]
