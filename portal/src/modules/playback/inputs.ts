import { z } from 'zod'

/** Why a signing key is replaced. */
export const ROTATE_REASONS = ['scheduled', 'requested', 'compromised'] as const

export const rotateSigningKeyInput = z.strictObject({
  reason: z.enum(ROTATE_REASONS).default('requested'),
  /** What happened, in the words of who rotates; needed after a compromise. */
  note: z.string().trim().min(1).max(500).optional(),
})

export const signingKeyInput = z.strictObject({ id: z.string().max(100) })
