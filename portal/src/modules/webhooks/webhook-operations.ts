import type { AnyOperation } from '#portal/platform/operation.ts'
import { discardLetter } from './discard-letter.ts'
import { getWebhook, listDeadLetters, listRejections, listWebhooks } from './queries.ts'
import { receiveWebhook } from './receive-webhook.ts'
import { replayLetter, replayLetters } from './replay-letters.ts'
import { listReplays, summariseWebhooks } from './summarise-webhooks.ts'

/** Everything about events of the video service. */
export const webhookOperations: readonly AnyOperation[] = [
  receiveWebhook,
  listWebhooks,
  listDeadLetters,
  getWebhook,
  listRejections,
  summariseWebhooks,
  listReplays,
  replayLetters,
  replayLetter,
  discardLetter,
]
