import { z } from 'zod'
import { seenVersion } from '#portal/platform/seen-version.ts'
import { BUDGET_LEVELS, LIMIT_CLASSES, type LimitClass, RULE_NAMES, takesOverrides } from './rules.ts'

const MOST = 1_000_000
const DAY_SECONDS = 86_400

const reason = z
  .string()
  .trim()
  .min(10, 'must have at least 10 characters: say what for')
  .max(500, 'must have at most 500 characters')
const whole = (most: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(most, `must be at most ${most}`)

const numbersSchema = z
  .strictObject({
    quota: whole(MOST),
    windowSeconds: whole(7 * DAY_SECONDS),
    burst: whole(MOST),
    mode: z.enum(['enforce', 'monitor']),
  })
  // A caller is told the quota and its window: who takes them at their word must not be surprised by more at once.
  .refine(({ quota, burst }) => burst <= quota, {
    path: ['burst'],
    error: 'must be at most the requests in the window',
  })

export const setLimitsInput = z.strictObject({
  version: seenVersion,
  /** Numbers by rule; a rule that is left out gets the declared ones. */
  rules: z.partialRecord(z.enum(RULE_NAMES), numbersSchema),
  reason,
})

const overridable = (Object.keys(LIMIT_CLASSES) as LimitClass[]).filter(takesOverrides)

export const askOverrideInput = z.strictObject({
  class: z.enum(overridable as [LimitClass, ...LimitClass[]], {
    error: 'must be a limit that can be lifted; those that guard credentials can’t',
  }),
  /** For whom; the one who asks where it is left out. */
  subject: z
    .strictObject({ kind: z.enum(['user', 'organisation', 'share']), id: z.string().max(64) })
    .optional(),
  quota: whole(MOST),
  expiresAt: z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-12-01T09:00:00Z' }),
  reason,
})

export const idInput = z.strictObject({ id: z.string().max(64) })
export const nothingInput = z.strictObject({})
export const throttlingsInput = z.strictObject({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 31)
    .default(24),
})

export const budgetLevelInput = z.strictObject({
  level: z.enum(BUDGET_LEVELS),
  /** When it ends by itself. */
  until: z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-12-01T09:00:00Z' }),
  reason,
})
