import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { flow, read, type VerbScope, verb } from '#portal/platform/operation.ts'
import type { AskedRevocation, Reach, RevocationOutcome } from './answers.ts'
import { REVOKE_REASONS } from './inputs.ts'
import { orderRevocation, runRevocation } from './run-revocation.ts'
import {
  countReach,
  isOneSelection,
  kindOf,
  ONE_SELECTION,
  selectionOf,
  selectionShape,
} from './select-shares.ts'
import { revocations } from './tables.ts'
import { mailStaff, SECOND_PERSONS } from './tell-staff.ts'

const DAYS_TO_DECIDE = 7

export const previewRevocationInput = z.strictObject(selectionShape).refine(isOneSelection, ONE_SELECTION)

/** What a revoke would stop, for the dialog that asks whether it should. */
export const previewRevocation = read({
  action: 'revocation.preview',
  input: previewRevocationInput,
  allow: { role: 'admin' },
  run: ({ db, input, ctx, keys }): Promise<Reach> => countReach(db, ctx.now, selectionOf(input, keys)),
})

export const requestRevocationFields = z.strictObject({
  ...selectionShape,
  reason: z.enum(REVOKE_REASONS, { error: `must be one of ${REVOKE_REASONS.join(', ')}` }),
  /** For the second person. */
  note: z.string().trim().max(500).optional(),
  /** Acts at once; a second person reviews it afterwards. */
  emergency: z.boolean().default(false),
})
export const requestRevocationInput = requestRevocationFields.refine(isOneSelection, ONE_SELECTION)
type Input = z.output<typeof requestRevocationInput>

const recordRequest = verb({
  action: 'revocation.request',
  input: requestRevocationInput,
  allow: { role: 'admin' },
  async run(scope: VerbScope<Input>) {
    const { tx, input, ctx, actor, keys, settings } = scope
    const selection = selectionOf(input, keys)
    const reach = await countReach(tx, ctx.now, selection)
    // Whoever is barred need not have watched yet; an emergency acts on what comes meanwhile, too.
    if (reach.shares === 0 && !input.emergency && selection.viewerHash === null)
      throw new AppError('conflict', 'No live link is among these: there is nothing to revoke.')
    const id = ctx.newId('rvk')
    const decideUntil = new Date(ctx.now.getTime() + DAYS_TO_DECIDE * 86_400_000)
    await tx.insert(revocations).values({
      id,
      ...selection,
      emergency: input.emergency,
      reason: input.reason,
      note: input.note || null,
      askedBy: actor.id,
      askedAt: ctx.now,
      sharesAsked: reach.shares,
      watchingAsked: reach.watching,
      status: input.emergency ? 'running' : 'pending',
      decideUntil,
      review: input.emergency ? 'open' : null,
    })
    if (input.emergency) await orderRevocation(scope, id)
    await mailStaff(scope, SECOND_PERSONS, {
      template: 'revocation-waits',
      values: { emergency: input.emergency, url: `${settings.PUBLIC_URL}/admin/approvals` },
      matter: id,
      except: actor.id,
    })
    return {
      result: { id, ...reach, expiresAt: decideUntil.toISOString() },
      change: {
        target: { type: 'revocation', id },
        reason: input.reason,
        details: {
          of: kindOf(selection),
          emergency: input.emergency,
          video_id: selection.videoId,
          owner_id: selection.ownerId,
          shares: reach.shares,
          watching: reach.watching,
        },
        ...(input.note ? { personal: { subject: actor.id, data: { note: input.note } } } : {}),
      },
    }
  },
})

/**
 * Asks for the end of many shares, or of one person's watching: it waits for a second person, or, in an emergency,
 * acts at once and is reviewed by one afterwards.
 */
export const requestRevocation = flow({
  action: 'revocation.request',
  input: requestRevocationInput,
  allow: { role: 'admin' },
  async run({ app, input, ctx }): Promise<AskedRevocation | RevocationOutcome> {
    const asked = await app.call(recordRequest, input, ctx)
    if (!input.emergency) return { ...asked, status: 'pending_approval' }
    return await runRevocation(app, ctx, asked.id)
  },
})
