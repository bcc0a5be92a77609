import { z } from 'zod'

export const listWebhooksInput = z.strictObject({
  /** `open`: verified and not applied yet; `failed`: of those, the ones that were tried; `all`: applied ones too. */
  state: z.enum(['open', 'failed', 'all']).default('failed'),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const listRejectionsInput = z.strictObject({
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
