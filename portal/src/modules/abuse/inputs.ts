import { z } from 'zod'
import { seenVersion } from '#portal/platform/seen-version.ts'
import {
  ABUSE_ACTIONS,
  ABUSE_RULE_NAMES,
  type AbuseAction,
  LONGEST_ANSWER_SECONDS,
  LONGEST_WINDOW_SECONDS,
} from './rules.ts'

const MOST_DAYS = 31

const reason = z
  .string()
  .trim()
  .min(10, 'must have at least 10 characters: say what for')
  .max(500, 'must have at most 500 characters')
const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)

const numbersSchema = z.strictObject({
  // One alone is no pattern: a rule that fires at the first sign would answer people.
  threshold: whole(3, 100_000),
  windowSeconds: whole(10, LONGEST_WINDOW_SECONDS),
  lastsSeconds: whole(10, LONGEST_ANSWER_SECONDS),
  action: z.enum(Object.keys(ABUSE_ACTIONS) as [AbuseAction, ...AbuseAction[]]),
  alert: z.boolean(),
  mode: z.enum(['enforce', 'monitor']),
})

export const setAbuseRulesInput = z.strictObject({
  version: seenVersion,
  /** Numbers by rule; a rule that is left out gets the declared ones. */
  rules: z.partialRecord(z.enum(ABUSE_RULE_NAMES), numbersSchema),
  reason,
})

export const letGoInput = z.strictObject({
  id: z.string().max(64),
  reason,
  /** How long the rule leaves them alone. */
  spareHours: whole(0, 168).default(1),
})

export const nothingInput = z.strictObject({})
export const listDetectionsInput = z.strictObject({
  hours: whole(1, 24 * MOST_DAYS).default(24),
  limit: whole(1, 200).default(50),
})
