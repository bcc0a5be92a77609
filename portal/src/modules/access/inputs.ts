import { z } from 'zod'
import { SCOPE } from '#portal/platform/api-key-scopes.ts'

export const MAX_KEY_DAYS = 365

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

export const idInput = z.strictObject({ id: z.string().max(64) })
export const nothingInput = z.strictObject({})
