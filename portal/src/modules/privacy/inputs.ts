import { z } from 'zod'
import { emailAddress } from '#portal/modules/identity/inputs.ts'
import { ERASURE_REASONS, VIDEO_FATES } from './rules.ts'

export const runRetentionInput = z.strictObject({
  /** Counts what would go, and removes nothing. */
  dry: z.boolean().default(true),
})

export const listRetentionInput = z.strictObject({
  /** Runs, newest first. */
  limit: z.coerce.number().int().min(1).max(100).default(7),
})

const personName = z.union([emailAddress, z.string().regex(/^usr_[1-9A-HJ-NP-Za-km-z]{22}$/)], {
  error: 'must be an e-mail address, or the ID of an account',
})

export const askErasureInput = z.strictObject({
  /** An e-mail address, or the ID of an account. */
  person: personName,
  /** Other addresses by which the same person is known. */
  addresses: z.array(emailAddress).max(10).default([]),
  /** What becomes of the videos that an account holder owns. */
  videos: z.enum(VIDEO_FATES).optional(),
  /** Who gets them: a colleague in the same organisation. */
  successor: personName.optional(),
  reason: z.enum(ERASURE_REASONS),
  /** How the request is called elsewhere, for example a ticket. Never a name or an address: it stays. */
  reference: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/, 'letters, digits and . _ / - alone, at most 64'),
})
export type AskErasure = z.output<typeof askErasureInput>

export const erasureIdInput = z.strictObject({ id: z.string().regex(/^ers_[1-9A-HJ-NP-Za-km-z]{22}$/) })

export const listErasuresInput = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
