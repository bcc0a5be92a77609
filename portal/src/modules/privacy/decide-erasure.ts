import { and, eq, ne, or, sql } from 'drizzle-orm'
import { countVideosOf } from '#portal/modules/videos/erase-person.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { eraseOrder } from './erase-order.ts'
import { ERASURE_DECIDERS } from './erasure-staff.ts'
import { erasureIdInput } from './inputs.ts'
import { erasures } from './tables.ts'

type Input = { id: string }

/** One of two who decide at once wins; neither whoever asked nor whom it is about ever does. */
async function decide({ tx, input, ctx, actor }: VerbScope<Input>, status: 'running' | 'declined') {
  const [row] = await tx.select().from(erasures).where(eq(erasures.id, input.id))
  if (!row) throw new AppError('not_found')
  if (row.askedBy === actor.id || row.userId === actor.id)
    throw new AppError('conflict', 'A second person decides: neither who asked, nor whom it is about.')
  if (status === 'running' && row.userId !== null && row.videos === null)
    if ((await countVideosOf(tx, row.userId)) > 0)
      throw new AppError(
        'conflict',
        'This person owns videos by now: decline, and ask again what becomes of them.',
      )
  // A legal hold on the person is to be asked for here, in this transaction, before anything is let go.
  const [decided] = await tx
    .update(erasures)
    .set({
      ...{ status, decidedBy: actor.id, decidedAt: ctx.now },
      ...(status === 'declined' ? { personSealed: null, personHash: null } : {}),
    })
    .where(
      and(
        eq(erasures.id, row.id),
        eq(erasures.status, 'pending'),
        ne(erasures.askedBy, actor.id),
        or(sql`${erasures.userId} is null`, sql`${erasures.userId} <> ${actor.id}`),
      ),
    )
    .returning({ id: erasures.id })
  if (!decided) throw new AppError('conflict', 'This erasure does not wait for a decision any more.')
  const { kind, userId, reference } = row
  return {
    result: { id: row.id, status },
    change: {
      target: { type: 'erasure', id: row.id },
      reason: row.reason,
      details: { kind, user_id: userId, reference },
    },
  }
}

/** A second person agrees: the person is erased from now on, by a job that is gone on with until it is done. */
export const approveErasure = verb({
  action: 'privacy.approve-erasure',
  input: erasureIdInput,
  allow: { ...ERASURE_DECIDERS, fresh: true },
  async run(scope) {
    const decided = await decide(scope, 'running')
    await scope.enqueue(eraseOrder, { id: decided.result.id }, { key: `erase:${decided.result.id}` })
    return decided
  },
})

/** A second person declines: nothing was erased, and whom it was about is forgotten here. */
export const declineErasure = verb({
  action: 'privacy.decline-erasure',
  input: erasureIdInput,
  allow: ERASURE_DECIDERS,
  run: (scope) => decide(scope, 'declined'),
})
