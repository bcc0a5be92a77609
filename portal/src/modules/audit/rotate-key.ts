import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { rotateAuditKeyInput } from './inputs.ts'

const allow: Allow = { role: 'admin', groups: ['security'], fresh: true }
const DAY_MS = 86_400_000

const recordChange = verb({
  action: 'audit.rotate-key',
  input: rotateAuditKeyInput.extend({ vkey: z.string(), replaces: z.string(), until: z.date() }),
  allow,
  async run({ input, actor }) {
    const { vkey, replaces, until, reason, note } = input
    return {
      result: null,
      change: {
        target: { type: 'audit_key', id: keyIdOf(vkey) },
        reason,
        details: { vkey, replaces, old_signs_until: until.toISOString() },
        // What a person writes may name people: it is kept under its writer's key.
        ...(note ? { personal: { subject: actor.id, data: { note } } } : {}),
      },
    }
  },
})

/**
 * Replaces the key that signs the log's heads. Old and new sign together for a while, so that everybody can take the
 * new one over; after a compromise the new one signs alone, at once, and the old one's heads end where they stand.
 */
export const rotateAuditKey = flow({
  action: 'audit.rotate-key',
  input: rotateAuditKeyInput,
  allow,
  async run({ app, input, ctx }) {
    if (input.reason === 'compromised' && !input.note)
      throw new AppError('invalid', 'Say what happened: auditors will ask.', {
        errors: [{ path: 'note', message: 'is needed after a compromise' }],
      })
    const overlapMs = input.reason === 'compromised' ? 0 : app.settings.AUDIT_KEY_OVERLAP_DAYS * DAY_MS
    const { vkey, replaces } = await app.auditKeys.prepare()
    const until = new Date(ctx.now.getTime() + overlapMs)
    // The event first: no head may carry a key that the log does not tell of.
    await app.call(recordChange, { ...input, vkey, replaces, until }, ctx)
    const keys = await app.auditKeys.activate(vkey, { reason: input.reason, at: ctx.now, overlapMs })
    if (input.reason === 'compromised') await tellSecurity(app, vkey, replaces)
    return { vkey, replaces, until, keys }
  },
})

async function tellSecurity(app: App, vkey: string, replaces: string): Promise<void> {
  await app.ports.alerts.raise({
    key: `audit.key_compromised:${keyIdOf(replaces)}`,
    severity: 'critical',
    audience: ['security'],
    summary:
      'The key of the audit log was replaced after a compromise. Give auditors and witnesses the new one.',
    details: { old: keyIdOf(replaces), new: keyIdOf(vkey) },
  })
}

/** The key ID of a verifier key, in hex. */
const keyIdOf = (vkey: string): string => vkey.split('+')[1]!
