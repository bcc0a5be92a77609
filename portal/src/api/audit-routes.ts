import { z } from '@hono/zod-openapi'
import { eventIdInput, searchAuditInput } from '#portal/modules/audit/inputs.ts'
import { searchAudit } from '#portal/modules/audit/queries.ts'
import { getLogHead, getReceipt } from '#portal/modules/audit/read-log.ts'
import type { OperationRoute } from './operation-route.ts'
import { auditRecordSchema, logHeadSchema, pageOf, receiptSchema } from './schemas.ts'

// The document shows instants as text; the operation turns them into dates.
const searchQuery = z.object({
  ...searchAuditInput.shape,
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
})

export const auditRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/audit',
    summary: 'Search the audit log',
    operation: searchAudit,
    query: searchQuery,
    answer: pageOf(auditRecordSchema),
  },
  {
    method: 'get',
    path: '/api/admin/audit/head',
    summary: 'The newest signed head and the key that verifies it',
    operation: getLogHead,
    answer: logHeadSchema,
  },
  {
    method: 'get',
    path: '/api/admin/audit/events/{id}/receipt',
    summary: 'Proof that an event stands in the log',
    operation: getReceipt,
    params: eventIdInput,
    answer: receiptSchema,
  },
]
