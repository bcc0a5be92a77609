import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { COSTS } from '#portal/modules/limits/rules.ts'
import { askErasure } from '#portal/modules/privacy/ask-erasure.ts'
import { approveErasure, declineErasure } from '#portal/modules/privacy/decide-erasure.ts'
import { exportErasure } from '#portal/modules/privacy/export-erasure.ts'
import { askErasureInput, erasureIdInput, listErasuresInput } from '#portal/modules/privacy/inputs.ts'
import { getErasure, listErasures } from '#portal/modules/privacy/list-erasures.ts'
import { readInventory } from '#portal/modules/privacy/read-inventory.ts'
import { ERASURE_REASONS, VIDEO_FATES } from '#portal/modules/privacy/rules.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const instant = z.iso.datetime()
const kind = z.enum(['account', 'guest'])

const erasureSchema = z
  .object({
    id: z.string(),
    kind,
    person: z.string().nullable(),
    userId: z.string().nullable(),
    reason: z.enum(ERASURE_REASONS),
    reference: z.string(),
    videos: z.enum(VIDEO_FATES).nullable(),
    successorName: z.string().nullable(),
    status: z.enum(['pending', 'running', 'done', 'declined']),
    askedAt: instant,
    askedByName: z.string().nullable(),
    mine: z.boolean(),
    decidedByName: z.string().nullable(),
    decidedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    failure: z.string().nullable(),
    rounds: z.int(),
    removed: z.array(z.object({ place: z.string(), did: z.string(), rows: z.int() })),
    reach: z.object({ videos: z.int(), visits: z.int(), bars: z.int(), denied: z.int() }).nullable(),
  })
  .openapi('Erasure')

const tableSchema = z
  .object({
    table: z.string(),
    label: z.enum(['confidential', 'sensitive', 'restricted', 'protected', 'internal']),
    of: z.enum(['account', 'guest', 'both', 'nobody']),
    holds: z.string(),
    columns: z.array(
      z.object({
        column: z.string(),
        fate: z.enum(['deleted', 'replaced', 'words', 'pseudonym', 'kept']).nullable(),
        how: z.string().nullable(),
      }),
    ),
  })
  .openapi('InventoryTable')

/** Erasing people, and where their data lies. */
export const privacyRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/privacy/inventory',
    summary: 'Where data lies: label, whom it tells of, what an erasure does',
    operation: readInventory,
    answer: z.object({ items: z.array(tableSchema) }),
  },
  {
    method: 'get',
    path: '/api/admin/privacy/erasures',
    summary: 'Erasures of people, newest first',
    operation: listErasures,
    query: listErasuresInput,
    answer: z.object({ items: z.array(erasureSchema) }),
  },
  {
    method: 'post',
    path: '/api/admin/privacy/erasures',
    summary: 'Ask for the erasure of a person; a second person agrees to it',
    operation: askErasure,
    body: askErasureInput,
    answer: z.object({ id: z.string(), kind, status: z.enum(['pending']) }),
    status: 201,
  },
  {
    method: 'get',
    path: '/api/admin/privacy/erasures/{id}',
    summary: 'One erasure, and what was removed where',
    operation: getErasure,
    params: erasureIdInput,
    answer: erasureSchema,
  },
  {
    method: 'post',
    path: '/api/admin/privacy/erasures/{id}/approve',
    summary: 'Agree to an erasure, as a second person: it begins at once and can’t be undone',
    operation: approveErasure,
    params: erasureIdInput,
    answer: z.object({ id: z.string(), status: z.enum(['running', 'declined']) }),
  },
  {
    method: 'post',
    path: '/api/admin/privacy/erasures/{id}/decline',
    summary: 'Decline an erasure',
    operation: declineErasure,
    params: erasureIdInput,
    answer: z.object({ id: z.string(), status: z.enum(['running', 'declined']) }),
  },
]

/** The evidence of an erasure, with receipts, as a file. */
export function mountErasureEvidence(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/privacy/erasures/:id/evidence', limitTo('audit-log', COSTS.export), async (c) => {
    const { id } = c.req.param()
    const evidence = await c.get('app').call(exportErasure, { id }, c.get('ctx'))
    return c.body(`${JSON.stringify(evidence, null, 2)}\n`, 200, {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="erasure-${id}.json"`,
      'cache-control': 'no-store',
    })
  })
}
