import { z } from 'zod'
import { LOG_ACCESS_MAX_HOURS } from './rules.ts'

const word = z.string().trim().min(1).max(128)
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

/** Search of the log: all conditions hold together; newest first. */
export const searchAuditInput = z.strictObject({
  /** A whole action, or an area followed by a dot: `share.` finds every action on shares. */
  action: word.optional(),
  /** Pseudonym. */
  actor: word.optional(),
  /** ID of the target. */
  target: word.optional(),
  /** Events about this share, whatever their target. */
  share: word.optional(),
  outcome: z.enum(['allowed', 'refused', 'failed']).optional(),
  /** Words, or their beginnings, all of which stand in the event: codes and identifiers, nothing personal. */
  text: z.string().trim().min(1).max(200).optional(),
  from: instant.optional(),
  to: instant.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export type SearchAudit = z.infer<typeof searchAuditInput>

/** A page of what happened to one thing or person, newest first. */
export const historyPage = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** The same for a file: everything that is found, without pages. */
export const exportAuditEventsInput = searchAuditInput
  .omit({ cursor: true, limit: true })
  .extend({ format: z.enum(['csv', 'json']).default('csv') })

export const saveLogSearchInput = z.strictObject({
  name: z.string().trim().min(1, 'needs a name').max(60, 'must have at most 60 characters'),
  query: z.strictObject({
    area: word.optional(),
    outcome: z.enum(['allowed', 'refused', 'failed']).optional(),
    about: word.optional(),
    text: z.string().trim().min(1).max(200).optional(),
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
  }),
})

export const eventIdInput = z.strictObject({ id: z.string().regex(/^evt_[A-Za-z0-9]{22}$/) })

export const rotateAuditKeyInput = z.strictObject({
  reason: z.enum(['requested', 'compromised']),
  note: z.string().trim().min(1).max(500).optional(),
})

const id = z.string().max(64)
const reason = z
  .string()
  .trim()
  .min(10, 'must have at least 10 characters: say what for')
  .max(500, 'must have at most 500 characters')
const hours = z.coerce
  .number()
  .int()
  .min(1)
  .max(LOG_ACCESS_MAX_HOURS, `must be at most ${LOG_ACCESS_MAX_HOURS}: thirty days`)

export const idInput = z.strictObject({ id })
export const nothingInput = z.strictObject({})
export const requestLogAccessInput = z.strictObject({ hours: hours.default(24), reason })
export const giveLogAccessInput = z.strictObject({
  /** E-mail of the administrator who gets it. */
  email: z.string().trim().toLowerCase().max(254),
  hours: hours.default(24),
  reason,
})
export const reviewLogAccessInput = z.strictObject({
  reviewId: id,
  grantId: id,
  decision: z.enum(['keep', 'remove']),
  /** What the decision rests on: who confirmed the need, where it is written. */
  evidence: z.string().trim().min(3, 'is missing').max(500, 'must have at most 500 characters'),
})
