import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { createSubjectKeys } from './personal.ts'

/**
 * Erases a person from the log: destroys the key under which every entry in every tier holds what is personal. Entries,
 * leaf hashes and proofs stay. Answers the pseudonym that means nobody from now on. What other parts of the portal know
 * of that person is theirs to erase.
 */
export const eraseSubject = verb({
  action: 'audit.erase',
  input: z.strictObject({
    /** E-mail address or user ID, as events named the person. */
    subject: z.string().trim().min(1).max(320),
    reason: z.enum(['erasure_request', 'consent_withdrawn', 'retention_over']),
  }),
  allow: { role: 'admin', groups: ['compliance'], system: true },
  async run({ tx, input, keys }) {
    const pseudonym = await createSubjectKeys(keys).destroy(tx, input.subject)
    if (!pseudonym) throw new AppError('not_found', 'The log knows nobody of this name.')
    const change = { target: { type: 'audit_subject', id: pseudonym }, reason: input.reason }
    return { result: { pseudonym }, change }
  },
})
