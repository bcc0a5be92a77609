import { z } from 'zod'
import { TELEMETRY_RANGES } from './answers.ts'
import { findingKinds } from './rules.ts'

/** What a test run's summary says of its end-to-end suite. */
export const suiteRun = z.strictObject({
  version: z.string().max(20),
  promised: z.int().min(1),
  passed: z.int().min(0),
  failed: z.array(z.string().max(500)).max(10_000),
})

export const stateInput = z.strictObject({ e2eSuite: suiteRun.nullable().default(null) })

export const startReconciliationInput = z.strictObject({
  /** `dry`: compare and report; `apply`: put right what may be. */
  mode: z.enum(['dry', 'apply']).default('dry'),
})

export const reconciliationIdInput = z.strictObject({ id: z.string().min(1).max(64) })

export const decideReconciliationInput = reconciliationIdInput.extend({
  decision: z.enum(['go_on', 'leave']),
  reason: z.string().trim().min(3, 'is too short: say why').max(500),
})

export const listReconciliationsInput = z.strictObject({
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

export const FINDING_STATES = ['waiting', 'open', 'held', 'done', 'failed', 'cleared', 'reported'] as const

export const listFindingsInput = z.strictObject({
  kind: z.enum(findingKinds as [string, ...string[]]).optional(),
  /** `unsettled`: everything that is not put right or cleared. */
  state: z.enum(['unsettled', 'all', ...FINDING_STATES]).default('all'),
  run: z.string().max(64).optional(),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const exportFindingsInput = listFindingsInput.omit({ cursor: true, limit: true }).extend({
  format: z.enum(['csv', 'json']).default('csv'),
})

export const readTelemetryInput = z.strictObject({ range: z.enum(TELEMETRY_RANGES).default('24h') })

const day = z.iso.date('must be a day such as 2026-11-21')

export const exportTelemetryInput = z
  .strictObject({ from: day, until: day })
  .refine(({ from, until }) => from <= until, { error: 'must not be before the first day', path: ['until'] })

export const telemetryExportInput = z.strictObject({ id: z.string().regex(/^tex_[1-9A-HJ-NP-Za-km-z]{22}$/) })
