import { and, eq, gt, ne } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { flow, type VerbScope, verb } from '#portal/platform/operation.ts'
import type { RevocationOutcome } from './answers.ts'
import { decideShareInput } from './inputs.ts'
import { orderRevocation, runRevocation } from './run-revocation.ts'
import { revocations } from './tables.ts'
import { SECOND_PERSONS } from './tell-staff.ts'

const allow = { role: 'admin', groups: [...SECOND_PERSONS] } as const
const STAFF = { ...allow, groups: [...allow.groups] }
type Input = { id: string; reason: string }

/** One of two who decide at once wins; whoever asked never does. */
async function decide(scope: VerbScope<Input>, decision: 'running' | 'declined') {
  const { tx, input, ctx, actor } = scope
  const row = await loadAsked(scope)
  const [decided] = await tx
    .update(revocations)
    .set({ status: decision, decidedBy: actor.id, decidedAt: ctx.now, decisionReason: input.reason })
    .where(
      and(
        eq(revocations.id, row.id),
        eq(revocations.status, 'pending'),
        ne(revocations.askedBy, actor.id),
        gt(revocations.decideUntil, ctx.now),
      ),
    )
    .returning({ id: revocations.id })
  if (!decided) throw new AppError('conflict', 'This revoke does not wait for a decision any more.')
  if (decision === 'running') await orderRevocation(scope, row.id)
  return {
    result: { id: row.id, status: decision },
    change: {
      target: { type: 'revocation', id: row.id },
      details: { shares_asked: row.sharesAsked },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}

async function loadAsked({ tx, input, actor }: VerbScope<Input>) {
  const [row] = await tx.select().from(revocations).where(eq(revocations.id, input.id))
  if (!row) throw new AppError('not_found')
  if (row.askedBy === actor.id)
    throw new AppError('conflict', 'A second person decides: somebody other than who asked.')
  return row
}

const recordApproval = verb({
  action: 'revocation.approve',
  input: decideShareInput,
  allow: STAFF,
  run: (scope) => decide(scope, 'running'),
})

/** A second person agrees: what matches now is stopped, also links that were made since it was asked. */
export const approveRevocation = flow({
  action: 'revocation.approve',
  input: decideShareInput,
  allow: STAFF,
  async run({ app, input, ctx }): Promise<RevocationOutcome> {
    const { id } = await app.call(recordApproval, input, ctx)
    return await runRevocation(app, ctx, id)
  },
})

/** A second person declines: nothing has stopped, and nothing will. */
export const declineRevocation = verb({
  action: 'revocation.decline',
  input: decideShareInput,
  allow: STAFF,
  async run(scope) {
    const { result, change } = await decide(scope, 'declined')
    return { result: { id: result.id, status: 'declined' as const }, change }
  },
})

export const reviewRevocationInput = decideShareInput.extend({ verdict: z.enum(['confirmed', 'disputed']) })

/** A second person says afterwards whether an emergency was right. Links stay ended either way. */
export const reviewRevocation = verb({
  action: 'revocation.review',
  input: reviewRevocationInput,
  allow: STAFF,
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const row = await loadAsked(scope)
    const [reviewed] = await tx
      .update(revocations)
      .set({
        review: input.verdict,
        reviewedBy: actor.id,
        reviewedAt: ctx.now,
        reviewReason: input.reason,
      })
      .where(
        and(eq(revocations.id, row.id), eq(revocations.review, 'open'), ne(revocations.askedBy, actor.id)),
      )
      .returning({ id: revocations.id })
    if (!reviewed) throw new AppError('conflict', 'This emergency does not wait for a review any more.')
    return {
      result: { id: row.id, review: input.verdict },
      change: {
        target: { type: 'revocation', id: row.id },
        reason: input.verdict,
        personal: { subject: actor.id, data: { reason: input.reason } },
      },
    }
  },
})
