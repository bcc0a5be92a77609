import { and, eq, gt, isNull, ne } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { changeShareInput } from './inputs.ts'
import { shares } from './tables.ts'

/** Changes what an owner may of a live link of their own: its note to the viewer, and whether watching is kept. */
export const changeShare = verb({
  action: 'share.change',
  input: changeShareInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor }) {
    const own = actor.kind === 'user' ? eq(shares.organisationId, actor.organisationId) : undefined
    const [share] = await tx
      .select({ id: shares.id, videoId: shares.videoId, note: shares.note, analytics: shares.analytics })
      .from(shares)
      .where(and(eq(shares.id, input.id), own))
    if (!share) throw new AppError('not_found')
    const note = input.note === undefined ? share.note : input.note || null
    const analytics = input.analytics ?? share.analytics
    const [done] = await tx
      .update(shares)
      .set({
        ...(input.note === undefined ? {} : { note }),
        ...(input.analytics === undefined ? {} : { analytics }),
      })
      .where(
        and(
          eq(shares.id, share.id),
          isNull(shares.revokedAt),
          gt(shares.expiresAt, ctx.now),
          ne(shares.approval, 'declined'),
        ),
      )
      .returning({ id: shares.id })
    if (!done) throw new AppError('conflict', 'This link has ended: there is nothing left to change.')
    return {
      result: { id: share.id, note, analytics },
      change: {
        target: { type: 'share', id: share.id },
        // A note may name people: the log says that there is one, not what it says.
        details: { video_id: share.videoId, note: note !== null, analytics },
      },
    }
  },
})
