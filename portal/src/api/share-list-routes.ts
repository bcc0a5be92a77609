import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { COSTS } from '#portal/modules/limits/rules.ts'
import { getShareCheck } from '#portal/modules/sharing/check-shares.ts'
import { countShares } from '#portal/modules/sharing/count-shares.ts'
import { exportShares } from '#portal/modules/sharing/export-shares.ts'
import { shareFilterInput } from '#portal/modules/sharing/inputs.ts'
import { SHARE_STATUSES } from '#portal/modules/sharing/rules.ts'
import { STALE_KINDS } from '#portal/modules/sharing/share-check-words.ts'
import {
  deleteShareListView,
  deleteShareListViewInput,
  listShareListViews,
  saveShareListView,
  saveShareListViewInput,
} from '#portal/modules/sharing/share-list-views.ts'
import { answerExport } from './answer-export.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const viewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    query: z.record(z.string(), z.string()),
    isDefault: z.boolean(),
  })
  .openapi('ShareListView')

const checkSchema = z
  .object({
    checkedAt: z.iso.datetime(),
    report: z.object({
      findings: z.array(
        z.object({
          kind: z.enum(STALE_KINDS),
          shares: z.int(),
          repaired: z.int(),
          examples: z.array(z.string()),
        }),
      ),
      comparedAt: z.iso.datetime().nullable(),
      videosCompared: z.int(),
      videosUnanswered: z.int(),
      revokes: z.object({ here: z.int(), elsewhere: z.int() }),
    }),
  })
  .openapi('ShareCheck')

/** Beside the list itself; switched with it by ADMIN_SHARE_UI_ENABLED. */
export const shareListRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/share-counts',
    summary: 'How many shares each state has; 1001 stands for more than a thousand',
    operation: countShares,
    query: shareFilterInput.omit({ sort: true, order: true, status: true }),
    answer: z.record(z.enum(SHARE_STATUSES), z.int()),
  },
  {
    method: 'get',
    path: '/api/admin/share-views',
    summary: 'Your saved views of the list of shares',
    operation: listShareListViews,
    answer: z.array(viewSchema),
  },
  {
    method: 'put',
    path: '/api/admin/share-views',
    summary: 'Save a view of the list of shares',
    operation: saveShareListView,
    body: saveShareListViewInput,
    answer: viewSchema,
  },
  {
    method: 'delete',
    path: '/api/admin/share-views/{id}',
    summary: 'Delete a saved view',
    operation: deleteShareListView,
    params: deleteShareListViewInput,
    answer: z.object({ id: z.string() }),
  },
  {
    method: 'get',
    path: '/api/admin/share-checks/latest',
    summary: 'What the nightly look at all shares found',
    operation: getShareCheck,
    answer: z.object({ check: checkSchema.nullable() }),
  },
]

/** The list as a file, row by row as it is read. */
export function mountShareExport(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/share-export', limitTo('audit-log', COSTS.export), async (c) => {
    const lines = await c.get('app').call(exportShares, c.req.query(), c.get('ctx'))
    return answerExport(c, lines, 'shares')
  })
}
