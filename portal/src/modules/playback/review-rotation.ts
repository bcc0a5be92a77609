import { and, eq, isNull, ne } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { signingKeyInput } from './inputs.ts'
import { signingKeys } from './tables.ts'

const allow: Allow = { role: 'admin', groups: ['security', 'compliance'] }

const recordReview = verb({
  action: 'signing-key.review',
  input: signingKeyInput,
  allow,
  async run({ tx, input, ctx, actor }) {
    const [row] = await tx.select().from(signingKeys).where(eq(signingKeys.id, input.id))
    if (row?.retireReason !== 'compromised') throw new AppError('not_found')
    if (row.retiredBy === actor.id)
      throw new AppError('conflict', 'You replaced this key yourself: a second person reviews it.')
    const reviewed = await tx
      .update(signingKeys)
      .set({ reviewedAt: ctx.now, reviewedBy: actor.id })
      .where(
        and(eq(signingKeys.id, row.id), isNull(signingKeys.reviewedAt), ne(signingKeys.retiredBy, actor.id)),
      )
      .returning({ id: signingKeys.id })
    if (reviewed.length === 0) throw new AppError('conflict', 'This rotation was reviewed before.')
    return { result: { id: row.id }, change: { target: { type: 'signing_key', id: row.id } } }
  },
})

/** A second person confirms that they have looked at a rotation after a compromise; its alert ends. */
export const reviewRotation = flow({
  action: 'signing-key.review',
  input: signingKeyInput,
  allow,
  async run({ app, input, ctx }) {
    const reviewed = await app.call(recordReview, input, ctx)
    await app.ports.alerts.resolve(`signing-key.compromised:${reviewed.id}`)
    return reviewed
  },
})
