import { z } from 'zod'
import { SCOPE } from '#portal/platform/api-key-scopes.ts'
import { STAFF_GROUPS } from '#portal/platform/context.ts'

const MAX_KEY_DAYS = 365
const id = z.string().max(64)
const reason = z
  .string()
  .trim()
  .min(10, 'must have at least 10 characters: say what for')
  .max(500, 'must have at most 500 characters')

export const createApiKeyInput = z.strictObject({
  name: z.string().trim().min(1, 'is missing').max(80, 'must have at most 80 characters'),
  scopes: z
    .array(z.string().regex(SCOPE, 'must be an operation such as share.create, or an area such as share.*'))
    .min(1, 'must name at least one operation')
    .max(50, 'must name at most 50 operations'),
  /** Days until it ends. */
  days: z.coerce.number().int().min(1).max(MAX_KEY_DAYS, `must be at most ${MAX_KEY_DAYS}`).default(90),
  /** E-mail of the person whose key it becomes: on the command line alone. */
  owner: z.string().trim().toLowerCase().max(254).optional(),
})

export const idInput = z.strictObject({ id })
export const nothingInput = z.strictObject({})

export const staffGroupInput = z.strictObject({ userId: id, group: z.enum(STAFF_GROUPS), reason })

export const decideGrantInput = z.strictObject({
  reviewId: id,
  userId: id,
  group: z.enum(STAFF_GROUPS),
  decision: z.enum(['keep', 'revoke']),
  /** What the decision rests on: who confirmed the need, where it is written. */
  evidence: z.string().trim().min(3, 'is missing').max(500, 'must have at most 500 characters'),
})

export const requestEmergencyInput = z
  .strictObject({
    group: z.enum(STAFF_GROUPS).optional(),
    organisationId: id.optional(),
    minutes: z.coerce.number().int().min(5).max(240, 'must be at most 240: four hours').default(60),
    reason,
  })
  .refine((asked) => (asked.group === undefined) !== (asked.organisationId === undefined), {
    error: 'name a group, or an organisation whose videos are to be seen; not both',
    path: ['group'],
  })

export const reviewEmergencyInput = z.strictObject({
  id,
  verdict: z.enum(['justified', 'not_justified']),
  note: z.string().trim().min(3, 'is missing').max(500, 'must have at most 500 characters'),
})

export const emergencyVideoInput = z.strictObject({ id, videoId: id })
