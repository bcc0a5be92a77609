import { z } from 'zod'

export const runRetentionInput = z.strictObject({
  /** Counts what would go, and removes nothing. */
  dry: z.boolean().default(true),
})

export const listRetentionInput = z.strictObject({
  /** Runs, newest first. */
  limit: z.coerce.number().int().min(1).max(100).default(7),
})
