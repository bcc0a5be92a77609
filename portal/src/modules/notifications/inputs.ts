import { z } from 'zod'

const alertId = z.string().regex(/^\d{1,15}$/, 'is no ID of an alert')
const reason = z.string().trim().min(3, 'say why, in a few words').max(500)

export const listAlertsInput = z.strictObject({
  state: z.enum(['open', 'past']).default('open'),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const settleAlertInput = z.strictObject({ id: alertId, reason })

export const listOutboxInput = z.strictObject({
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
