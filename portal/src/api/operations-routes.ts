import { listOutboxInput } from '#portal/modules/notifications/inputs.ts'
import { listOutbox } from '#portal/modules/notifications/list-outbox.ts'
import { listRejectionsInput, listWebhooksInput } from '#portal/modules/webhooks/inputs.ts'
import { listRejections, listWebhooks } from '#portal/modules/webhooks/queries.ts'
import type { OperationRoute } from './operation-route.ts'
import { outboxMailSchema, pageOf, webhookRejectionSchema, webhookSchema } from './schemas.ts'

/** What those who run an installation look at. */
export const operationsRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/outbox',
    summary: 'Mails of the embedded outbox',
    operation: listOutbox,
    query: listOutboxInput,
    answer: pageOf(outboxMailSchema),
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/dead-letters',
    summary: 'Verified webhooks that could not be applied yet',
    operation: listWebhooks,
    query: listWebhooksInput,
    answer: pageOf(webhookSchema),
  },
  {
    method: 'get',
    path: '/api/admin/webhooks/rejections',
    summary: 'What did not verify: metadata alone',
    operation: listRejections,
    query: listRejectionsInput,
    answer: pageOf(webhookRejectionSchema),
  },
]
