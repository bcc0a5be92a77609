import { listOutboxInput } from '#portal/modules/notifications/inputs.ts'
import { listOutbox } from '#portal/modules/notifications/list-outbox.ts'
import type { OperationRoute } from './operation-route.ts'
import { outboxMailSchema, pageOf } from './schemas.ts'

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
]
