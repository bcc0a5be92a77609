import { z } from '@hono/zod-openapi'
import { discardLetter } from '#portal/modules/webhooks/discard-letter.ts'
import {
  discardLetterInput,
  listDeadLettersInput,
  listRejectionsInput,
  listWebhooksInput,
  replayLetterInput,
  replayLettersInput,
  webhookIdInput,
} from '#portal/modules/webhooks/inputs.ts'
import {
  getWebhook,
  listDeadLetters,
  listRejections,
  listWebhooks,
} from '#portal/modules/webhooks/queries.ts'
import { replayLetter, replayLetters } from '#portal/modules/webhooks/replay-letters.ts'
import { OUTCOMES, REJECTION_REASONS, STATES } from '#portal/modules/webhooks/rules.ts'
import { listReplays, summariseWebhooks } from '#portal/modules/webhooks/summarise-webhooks.ts'
import type { OperationRoute } from './operation-route.ts'
import { instant, pageOf } from './schemas.ts'

const webhookSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    objectType: z.string(),
    objectId: z.string(),
    state: z.enum(STATES),
    synthetic: z.boolean(),
    occurredAt: instant,
    receivedAt: instant,
    receivedCount: z.int(),
    appliedAt: instant.nullable(),
    outcome: z.enum(OUTCOMES).nullable(),
    attempts: z.int(),
    cause: z.string().nullable(),
    lastError: z.string().nullable(),
    lastTriedAt: instant.nullable(),
    nextTryAt: instant.nullable(),
    diedAt: instant.nullable(),
    replayId: z.string().nullable(),
  })
  .openapi('Webhook')

const webhookDetailSchema = webhookSchema
  .extend({
    payload: z.record(z.string(), z.unknown()),
    discardReason: z.string().nullable(),
    discardedAt: instant.nullable(),
    tries: z.array(
      z.object({
        number: z.int(),
        origin: z.enum(['delivery', 'schedule', 'person', 'command']),
        at: instant,
        outcome: z.enum(['failed', 'applied']),
        cause: z.string().nullable(),
        error: z.string().nullable(),
        nextStep: z.string(),
        replayId: z.string().nullable(),
      }),
    ),
  })
  .openapi('WebhookDetail')

const rejectionSchema = z
  .object({
    id: z.string(),
    reason: z.enum(REJECTION_REASONS),
    bodyBytes: z.int(),
    requestId: z.string(),
    receivedAt: instant,
  })
  .openapi('WebhookRejection')

const rejectedSchema = z
  .object({
    total: z.int(),
    reasons: z.array(z.object({ reason: z.string(), total: z.int(), lastDay: z.int(), lastAt: instant })),
  })
  .openapi('RejectedWebhooks')

const replaySchema = z
  .object({
    id: z.string(),
    origin: z.enum(['schedule', 'person', 'command']),
    status: z.enum(['running', 'done']),
    askedAt: instant,
    finishedAt: instant.nullable(),
    found: z.int(),
    applied: z.int(),
    failed: z.int(),
  })
  .openapi('WebhookReplay')

const progressSchema = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'done']),
    found: z.int(),
    applied: z.int(),
    failed: z.int(),
  })
  .openapi('WebhookReplayProgress')

const planSchema = z
  .object({
    dryRun: z.literal(true),
    found: z.int(),
    objects: z.int(),
    causes: z.array(z.object({ cause: z.string(), letters: z.int() })),
    letters: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        objectId: z.string(),
        cause: z.string().nullable(),
        attempts: z.int(),
      }),
    ),
  })
  .openapi('WebhookReplayPlan')

const summarySchema = z
  .object({
    states: z.object({ pending: z.int(), dead: z.int(), applied: z.int(), discarded: z.int() }),
    causes: z.array(
      z.object({
        cause: z.string(),
        letters: z.int(),
        replaying: z.int(),
        error: z.string().nullable(),
        oldestAt: instant.nullable(),
        nextTryAt: instant.nullable(),
      }),
    ),
    lastDay: z.object({ events: z.int(), firstTry: z.int() }),
    rejected: rejectedSchema,
    kinds: z.array(z.object({ kind: z.string(), firstSeenAt: instant, eventId: z.string() })),
  })
  .openapi('WebhookSummary')

const replayed = {
  answer: z.union([progressSchema, planSchema]),
  accepted: {
    answer: progressSchema,
    when: (result: { status?: string }) => result.status === 'running',
  },
}

/** The inbox of the video service's events, and its dead letters. */
export const webhookRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/webhooks',
    summary: 'Webhooks that verified, with what became of them',
    operation: listWebhooks,
    query: listWebhooksInput,
    answer: pageOf(webhookSchema),
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/summary',
    summary: 'How many webhooks are in which state, dead letters by cause, what was refused',
    operation: summariseWebhooks,
    answer: summarySchema,
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/dead-letters',
    summary: 'Verified webhooks that could not be applied; and how many did not verify',
    operation: listDeadLetters,
    query: listDeadLettersInput,
    answer: pageOf(webhookSchema).extend({ rejected: rejectedSchema }),
  },
  {
    method: 'post',
    path: '/api/admin/webhooks/dead-letters/replay',
    summary: 'Try dead letters again, all or by cause, type, time or ID; dryRun only says what would be done',
    operation: replayLetters,
    body: replayLettersInput,
    ...replayed,
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/dead-letters/{id}',
    summary: 'One webhook with its tries and what is kept of its payload',
    operation: getWebhook,
    params: webhookIdInput,
    answer: webhookDetailSchema,
  },
  {
    method: 'post',
    path: '/api/admin/webhooks/dead-letters/{id}/replay',
    summary: 'Try one dead letter again',
    operation: replayLetter,
    params: webhookIdInput,
    query: replayLetterInput.omit({ id: true }),
    ...replayed,
  },
  {
    method: 'post',
    path: '/api/admin/webhooks/dead-letters/{id}/discard',
    summary: 'Give one dead letter up for good, with a reason',
    operation: discardLetter,
    params: webhookIdInput,
    body: discardLetterInput.omit({ id: true }),
    answer: z.object({ id: z.string(), state: z.enum(['discarded']) }),
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/replays',
    summary: 'The newest replays with their progress',
    operation: listReplays,
    answer: z.object({ items: z.array(replaySchema) }),
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/rejections',
    summary: 'What did not verify: metadata alone',
    operation: listRejections,
    query: listRejectionsInput,
    answer: pageOf(rejectionSchema),
  },
]
