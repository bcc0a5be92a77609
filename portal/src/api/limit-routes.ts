import { z } from '@hono/zod-openapi'
import { askOverride } from '#portal/modules/limits/ask-override.ts'
import { approveOverride, declineOverride, endOverride } from '#portal/modules/limits/decide-override.ts'
import {
  askOverrideInput,
  budgetLevelInput,
  idInput,
  setLimitsInput,
  throttlingsInput,
} from '#portal/modules/limits/inputs.ts'
import { listOverrides, listOwnOverrides } from '#portal/modules/limits/list-overrides.ts'
import { listThrottlings } from '#portal/modules/limits/list-throttlings.ts'
import { getOwnStanding } from '#portal/modules/limits/own-standing.ts'
import {
  LIMIT_CLASSES,
  LIMIT_SUBJECTS,
  type LimitClass,
  type LimitSubject,
} from '#portal/modules/limits/rules.ts'
import { getBudgetLevel, setBudgetLevel } from '#portal/modules/limits/set-budget-level.ts'
import { getLimits, listLimitVersions, setLimits } from '#portal/modules/limits/set-limits.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import { staffOnly } from './staff-only.ts'

const classSchema = z.enum(Object.keys(LIMIT_CLASSES) as [LimitClass, ...LimitClass[]])
const ruleSchema = z
  .object({
    class: classSchema,
    by: z.enum(Object.keys(LIMIT_SUBJECTS) as [LimitSubject, ...LimitSubject[]]),
    quota: z.int(),
    windowSeconds: z.int(),
    burst: z.int(),
    mode: z.enum(['enforce', 'monitor']),
  })
  .openapi('LimitRule')
const overrideSchema = z
  .object({
    id: z.string(),
    class: classSchema,
    subject: z.object({
      kind: z.enum(['user', 'organisation', 'share']),
      id: z.string(),
      name: z.string().nullable(),
    }),
    quota: z.int(),
    reason: z.string(),
    status: z.enum(['pending', 'running', 'declined', 'ended', 'expired', 'lapsed']),
    askedBy: z.string(),
    askedByName: z.string().nullable(),
    askedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    decidedByName: z.string().nullable(),
  })
  .openapi('LimitOverride')
const overrides = z.object({ items: z.array(overrideSchema) })
const asked = z.object({ id: z.string(), status: z.literal('pending') })
const judged = { admitted: z.number(), refused: z.number(), wouldRefuse: z.number() }
const throttlings = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  hours: z.array(z.object({ at: z.iso.datetime(), ...judged })),
  rules: z.array(z.object({ rule: z.string(), ...judged })),
  worst: z.array(
    z.object({
      rule: z.string(),
      identity: z.string(),
      enforced: z.boolean(),
      reason: z.enum(['quota', 'store_failed']),
      count: z.number(),
      lastAt: z.iso.datetime(),
    }),
  ),
})
const decision = <const S extends string>(status: S) =>
  z.object({ id: z.string(), status: z.literal(status), expiresAt: z.iso.datetime() })
const rules = z.record(z.string(), ruleSchema)

export const limitRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/limits',
    summary: 'The limits that hold now, by the names that RateLimit-Policy tells',
    operation: getLimits,
    answer: z.object({ version: z.int(), rules, enforced: z.boolean() }),
  },
  {
    method: 'put',
    path: '/api/admin/limits',
    summary: 'Set numbers and modes of limits, in force at once',
    operation: setLimits,
    body: setLimitsInput,
    answer: z.object({ version: z.int(), rules }),
  },
  {
    method: 'get',
    path: '/api/admin/limits/history',
    summary: 'Every version of the limits, newest first',
    operation: listLimitVersions,
    answer: z.object({
      items: z.array(
        z.object({
          version: z.int(),
          rules,
          reason: z.string(),
          setByName: z.string().nullable(),
          setAt: z.iso.datetime(),
        }),
      ),
    }),
  },
  {
    method: 'get',
    path: '/api/admin/limits/throttlings',
    summary: 'What was throttled, and what would have been',
    operation: listThrottlings,
    query: throttlingsInput,
    answer: throttlings,
  },
  {
    method: 'get',
    path: '/api/admin/limits/overrides',
    summary: 'Limits lifted for a while, asked for and given',
    operation: listOverrides,
    answer: overrides,
  },
  {
    method: 'post',
    path: '/api/admin/limits/overrides',
    summary: 'Ask for a higher limit for anybody; a second person decides',
    operation: askOverride,
    body: askOverrideInput,
    answer: asked,
    status: 201,
    before: [limitTo('api'), staffOnly],
  },
  {
    method: 'post',
    path: '/api/admin/limits/overrides/{id}/approve',
    summary: 'Agree to a higher limit, as a second person',
    operation: approveOverride,
    params: idInput,
    answer: decision('approved'),
  },
  {
    method: 'post',
    path: '/api/admin/limits/overrides/{id}/decline',
    summary: 'Decline a higher limit',
    operation: declineOverride,
    params: idInput,
    answer: decision('declined'),
  },
  {
    method: 'get',
    path: '/api/limits/standing',
    summary: 'Where you stand with your own limits; null where that can’t be counted now',
    operation: getOwnStanding,
    answer: z.object({
      items: z
        .array(
          z.object({
            rule: z.string(),
            class: classSchema,
            by: ruleSchema.shape.by,
            limit: z.int(),
            windowSeconds: z.int(),
            used: z.int().describe('Of a raised limit: since it was raised'),
            nextAt: z.iso.datetime().nullable(),
            freeAt: z.iso.datetime().nullable(),
            raisedUntil: z.iso
              .datetime()
              .nullable()
              .describe('Until when more was agreed to; null where nothing was'),
          }),
        )
        .nullable(),
    }),
  },
  {
    method: 'get',
    path: '/api/limits/overrides',
    summary: 'Higher limits that you asked for',
    operation: listOwnOverrides,
    answer: overrides,
  },
  {
    method: 'post',
    path: '/api/limits/overrides',
    summary: 'Ask for a higher limit for yourself, your organisation or one of your links',
    operation: askOverride,
    body: askOverrideInput,
    answer: asked,
    status: 201,
  },
  {
    method: 'post',
    path: '/api/limits/overrides/{id}/end',
    summary: 'End a higher limit, or withdraw the question',
    operation: endOverride,
    params: idInput,
    answer: z.object({ id: z.string(), status: z.literal('ended') }),
  },
  {
    method: 'get',
    path: '/api/limits/budget',
    summary: 'What the budget takes away now',
    operation: getBudgetLevel,
    answer: z.object({
      level: budgetLevelInput.shape.level,
      until: z.iso.datetime().nullable(),
      uploadPercent: z.int(),
      newShares: z.boolean(),
      maxResolution: z.enum(['720p', '480p']).nullable(),
    }),
  },
  {
    method: 'post',
    path: '/api/admin/limits/budget',
    summary: 'Say how much of the budget is used up, until when; normal lifts it for a while',
    operation: setBudgetLevel,
    body: budgetLevelInput,
    answer: z.object({ level: budgetLevelInput.shape.level, until: z.iso.datetime() }),
  },
]
