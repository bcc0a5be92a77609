import { z } from '@hono/zod-openapi'
import { eventIdInput, saveLogSearchInput, searchAuditInput } from '#portal/modules/audit/inputs.ts'
import { searchAudit } from '#portal/modules/audit/queries.ts'
import { getLogHead, getReceipt } from '#portal/modules/audit/read-log.ts'
import { deleteLogSearch, listLogSearches, saveLogSearch } from '#portal/modules/audit/saved-searches.ts'
import type { OperationRoute } from './operation-route.ts'
import { auditRecordSchema, logHeadSchema, pageOf, receiptSchema } from './schemas.ts'

// The document shows instants as text; the operation turns them into dates.
const searchQuery = z.object({
  ...searchAuditInput.shape,
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
})

const savedSearchSchema = z
  .object({ id: z.string(), name: z.string(), query: z.record(z.string(), z.string()) })
  .openapi('SavedLogSearch')

export const auditRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/audit/searches',
    summary: 'Your saved searches of the log',
    operation: listLogSearches,
    answer: z.array(savedSearchSchema),
  },
  {
    method: 'put',
    path: '/api/admin/audit/searches',
    summary: 'Save a search of the log',
    operation: saveLogSearch,
    body: saveLogSearchInput,
    answer: savedSearchSchema,
  },
  {
    method: 'delete',
    path: '/api/admin/audit/searches/{id}',
    summary: 'Delete a saved search',
    operation: deleteLogSearch,
    params: z.object({ id: z.string() }),
    answer: z.object({ id: z.string() }),
  },
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
