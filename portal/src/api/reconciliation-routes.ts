import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { COSTS } from '#portal/modules/limits/rules.ts'
import { listRetentionInput, runRetentionInput } from '#portal/modules/privacy/inputs.ts'
import { listRetention } from '#portal/modules/privacy/list-retention.ts'
import { runRetention } from '#portal/modules/privacy/run-retention.ts'
import { exportFindings } from '#portal/modules/reliability/comparison/export-findings.ts'
import {
  getReconciliation,
  listFindings,
  listReconciliations,
} from '#portal/modules/reliability/comparison/list-reconciliations.ts'
import {
  decideReconciliation,
  startReconciliation,
} from '#portal/modules/reliability/comparison/start-reconciliation.ts'
import {
  decideReconciliationInput,
  FINDING_STATES,
  listFindingsInput,
  listReconciliationsInput,
  reconciliationIdInput,
  startReconciliationInput,
} from '#portal/modules/reliability/inputs.ts'
import { answerExport } from './answer-export.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { instant, pageOf } from './schemas.ts'

const runSchema = z
  .object({
    id: z.string(),
    provider: z.enum(['engine', 'mux']),
    mode: z.enum(['dry', 'apply']),
    askedBy: z.string(),
    status: z.enum(['running', 'held', 'done', 'failed', 'superseded']),
    stage: z.enum(['uploads', 'assets', 'videos', 'repair', 'over']),
    uploads: z.int(),
    assets: z.int(),
    videos: z.int(),
    strangers: z.int(),
    findings: z.array(z.object({ kind: z.string(), found: z.int(), done: z.int() })),
    held: z.int(),
    error: z.string().nullable(),
    startedAt: instant,
    finishedAt: instant.nullable(),
    decision: z.string().nullable(),
  })
  .openapi('Reconciliation')

const findingSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    objectType: z.string(),
    objectId: z.string(),
    uploadId: z.string().nullable(),
    videoId: z.string().nullable(),
    shares: z.int(),
    detail: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    state: z.enum(FINDING_STATES),
    firstSeenAt: instant,
    lastSeenAt: instant,
    run: z.string(),
    actedAt: instant.nullable(),
    error: z.string().nullable(),
  })
  .openapi('ReconciliationFinding')

const removals = z.array(
  z.object({
    table: z.string(),
    rule: z.string(),
    keptDays: z.int(),
    removed: z.int(),
    oldestLeft: instant.nullable(),
  }),
)
const retentionSchema = z
  .object({ id: z.string(), ranAt: instant, dry: z.boolean(), removals })
  .openapi('RetentionRun')

const begun = z.object({ id: z.string(), status: z.enum(['running', 'done']) })

/** Comparing with the video service, and what retention removed. */
export const reconciliationRoutes: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/admin/reconciliations',
    summary: 'Compare everything here with the video service: a dry run, or with repairs',
    operation: startReconciliation,
    body: startReconciliationInput,
    answer: begun,
    status: 202,
  },
  {
    method: 'get',
    path: '/api/admin/reconciliations',
    summary: 'Comparisons with the video service, newest first',
    operation: listReconciliations,
    query: listReconciliationsInput,
    answer: pageOf(runSchema),
  },
  {
    method: 'get',
    path: '/api/admin/reconciliations/{id}',
    summary: 'One comparison, as far as it has come',
    operation: getReconciliation,
    params: reconciliationIdInput,
    answer: runSchema,
  },
  {
    method: 'post',
    path: '/api/admin/reconciliations/{id}/decide',
    summary: 'Let a held comparison end and delete what it found, or leave it all',
    operation: decideReconciliation,
    params: reconciliationIdInput,
    body: decideReconciliationInput.omit({ id: true }),
    answer: begun,
  },
  {
    method: 'get',
    path: '/api/admin/reconciliation-findings',
    summary: 'Differences to the video service, and what became of each',
    operation: listFindings,
    query: listFindingsInput,
    answer: pageOf(findingSchema),
  },
  {
    method: 'get',
    path: '/api/admin/retention',
    summary: 'What retention removed, by rule',
    operation: listRetention,
    query: listRetentionInput,
    answer: z.object({ runs: z.array(retentionSchema) }),
  },
  {
    method: 'post',
    path: '/api/admin/retention',
    summary: 'Remove what is past its time now, or count it in a dry run',
    operation: runRetention,
    body: runRetentionInput,
    answer: retentionSchema,
  },
]

/** The differences as a file, row by row as they are read. */
export function mountFindingsExport(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/reconciliation-export', limitTo('audit-log', COSTS.export), async (c) => {
    const lines = await c.get('app').call(exportFindings, c.req.query(), c.get('ctx'))
    return answerExport(c, lines, 'differences')
  })
}
