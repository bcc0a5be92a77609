import { z } from 'zod'

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
  from: instant.optional(),
  to: instant.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export type SearchAudit = z.infer<typeof searchAuditInput>

export const eventIdInput = z.strictObject({ id: z.string().regex(/^evt_[A-Za-z0-9]{22}$/) })

export const rotateAuditKeyInput = z.strictObject({
  reason: z.enum(['requested', 'compromised']),
  note: z.string().trim().min(1).max(500).optional(),
})
