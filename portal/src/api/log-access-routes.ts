import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { getOwnLogAccess, listLogAccess } from '#portal/modules/audit/grants/list-access.ts'
import {
  approveLogAccess,
  declineLogAccess,
  endLogAccess,
  requestLogAccess,
} from '#portal/modules/audit/grants/request-access.ts'
import {
  decideLogReview,
  exportLogReview,
  listLogReviews,
} from '#portal/modules/audit/grants/review-access.ts'
import { requestLogAccessInput, reviewLogAccessInput } from '#portal/modules/audit/inputs.ts'
import { COSTS } from '#portal/modules/limits/rules.ts'
import { answerExport } from './answer-export.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const instant = z.iso.datetime()
const idParams = z.object({ id: z.string() })
const status = <T extends string>(...words: [T, ...T[]]) =>
  z.object({ id: z.string(), status: z.enum(words) })
const decided = status('approved', 'declined').extend({ endsAt: instant.nullable() })
const origin = z.enum(['asked', 'first', 'command'])

const grantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mine: z.boolean(),
    origin,
    reason: z.string(),
    hours: z.int(),
    state: z.enum(['pending', 'lapsed', 'declined', 'running', 'ended']),
    askedAt: instant,
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    endsAt: instant.nullable(),
  })
  .openapi('LogGrant')

const reviewSchema = z
  .object({
    id: z.string(),
    quarter: z.string(),
    openedAt: instant,
    dueAt: instant,
    overdue: z.boolean(),
    closedAt: instant.nullable(),
    items: z.array(
      z.object({
        grantId: z.string(),
        userId: z.string(),
        name: z.string(),
        origin,
        reason: z.string(),
        from: instant,
        until: instant,
        running: z.boolean(),
        reads: z.int(),
        decision: z.enum(['keep', 'remove']).nullable(),
        evidence: z.string().nullable(),
        decidedBy: z.string().nullable(),
        decidedAt: instant.nullable(),
      }),
    ),
  })
  .openapi('LogReview')

/** Who may read the log, and the quarterly look at that. */
export const logAccessRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/audit/access',
    summary: 'Grants to read the log, newest first',
    operation: listLogAccess,
    answer: z.array(grantSchema),
  },
  {
    method: 'get',
    path: '/api/admin/audit/access/own',
    summary: 'Until when you may read the log',
    operation: getOwnLogAccess,
    answer: z.object({ until: instant.nullable() }),
  },
  {
    method: 'post',
    path: '/api/admin/audit/access',
    summary: 'Ask to read the log',
    operation: requestLogAccess,
    body: requestLogAccessInput,
    answer: status('pending'),
    status: 201,
  },
  {
    method: 'post',
    path: '/api/admin/audit/access/{id}/approve',
    summary: 'Agree to somebody’s reading of the log, as a second person',
    operation: approveLogAccess,
    params: idParams,
    answer: decided,
  },
  {
    method: 'post',
    path: '/api/admin/audit/access/{id}/decline',
    summary: 'Decline somebody’s reading of the log',
    operation: declineLogAccess,
    params: idParams,
    answer: decided,
  },
  {
    method: 'post',
    path: '/api/admin/audit/access/{id}/end',
    summary: 'End a grant to read the log now',
    operation: endLogAccess,
    params: idParams,
    answer: status('ended'),
  },
  {
    method: 'get',
    path: '/api/admin/audit/reviews',
    summary: 'Quarterly reviews of who could read the log',
    operation: listLogReviews,
    answer: z.array(reviewSchema),
  },
  {
    method: 'post',
    path: '/api/admin/audit/reviews/{reviewId}',
    summary: 'Say whether a grant was right; to remove one ends it at once',
    operation: decideLogReview,
    params: z.object({ reviewId: z.string() }),
    body: reviewLogAccessInput.omit({ reviewId: true }),
    answer: z.object({ decision: z.enum(['keep', 'remove']), ended: z.boolean(), closed: z.boolean() }),
  },
]

/** A review with its decisions and evidence, as a file. */
export function mountLogReviewExport(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/audit/reviews/:id/export', limitTo('audit-log', COSTS.export), async (c) => {
    const { name, lines } = await c.get('app').call(exportLogReview, { id: c.req.param('id') }, c.get('ctx'))
    return answerExport(c, lines, name)
  })
}
