import { z } from '@hono/zod-openapi'
import { setLimitsInput } from '#portal/modules/limits/inputs.ts'
import {
  LIMIT_CLASSES,
  LIMIT_SUBJECTS,
  type LimitClass,
  type LimitSubject,
} from '#portal/modules/limits/rules.ts'
import { getLimits, listLimitVersions, setLimits } from '#portal/modules/limits/set-limits.ts'
import type { OperationRoute } from './operation-route.ts'

const ruleSchema = z
  .object({
    class: z.enum(Object.keys(LIMIT_CLASSES) as [LimitClass, ...LimitClass[]]),
    by: z.enum(Object.keys(LIMIT_SUBJECTS) as [LimitSubject, ...LimitSubject[]]),
    quota: z.int(),
    windowSeconds: z.int(),
    burst: z.int(),
    mode: z.enum(['enforce', 'monitor']),
  })
  .openapi('LimitRule')
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
]
