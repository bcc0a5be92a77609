import { z } from 'zod'
import { RULE_NAMES } from './rules.ts'

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

const numbersSchema = z.strictObject({
  quota: whole(MOST),
  windowSeconds: whole(7 * DAY_SECONDS),
  burst: whole(MOST),
  mode: z.enum(['enforce', 'monitor']),
})

export const setLimitsInput = z.strictObject({
  /** The version that was looked at: two administrators never overwrite each other unseen. */
  version: z.int().min(0),
  /** Numbers by rule; a rule that is left out gets the declared ones. */
  rules: z.partialRecord(z.enum(RULE_NAMES), numbersSchema),
  reason,
})

export const nothingInput = z.strictObject({})
