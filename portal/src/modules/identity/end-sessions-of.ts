import { and, eq, isNull, lt, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import { endOwnPlaybacks, endPlaybacksWithoutSession } from '#portal/modules/playback/end-own-playbacks.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { endSessionsOf } from './end-sessions.ts'
import { PEOPLE_KEEPERS } from './people-keepers.ts'
import { members, sessions } from './tables.ts'

/** Signs somebody else out everywhere, at once, with the previews that they have open; they may sign in again. */
export const endSessionsOfPerson = verb({
  action: 'user.end-sessions',
  input: z.strictObject({ id: z.string().max(64) }),
  allow: { ...PEOPLE_KEEPERS, fresh: true },
  async run(scope) {
    const { tx, input, actor } = scope
    if (actor.id === input.id)
      throw new AppError('conflict', 'Your own sessions are ended under Account, Security.')
    const [person] = await tx
      .select({ id: members.userId })
      .from(members)
      .where(and(eq(members.userId, input.id), isNull(members.deactivatedAt)))
    if (!person) throw new AppError('not_found', 'There is no such person.')
    const ended = await endSessionsOf(tx, person.id)
    const { stopped } = await endOwnPlaybacks(scope, person.id)
    return {
      result: { ended },
      change: { target: { type: 'user', id: person.id }, details: { ended, stopped_players: stopped } },
    }
  },
})

export const endEverySessionInput = z.strictObject({
  /** Only sessions that began before; all of them if not given. */
  before: z.iso.datetime({ offset: true }).optional(),
  /** Why; kept in the audit log. */
  reason: z.string().trim().min(3, 'must say why').max(500),
})

/** Signs everybody out at once, previews too, but for the session that asks: where cookies may be in wrong hands. */
export const endEverySession = verb({
  action: 'user.end-every-session',
  input: endEverySessionInput,
  allow: { role: 'admin', groups: ['security'], fresh: true },
  async run(scope) {
    const { tx, input, actor } = scope
    const kept = actor.kind === 'user' ? actor.sessionId : undefined
    const before = input.before ? new Date(input.before) : undefined
    const gone = await tx
      .delete(sessions)
      .where(
        and(kept ? ne(sessions.id, kept) : sql`true`, before ? lt(sessions.createdAt, before) : undefined),
      )
      .returning({ userId: sessions.userId })
    const ended = gone.length
    const { stopped } = await endPlaybacksWithoutSession(scope, [
      ...new Set(gone.map(({ userId }) => userId)),
    ])
    return {
      result: { ended },
      change: {
        target: { type: 'session', id: 'every' },
        details: { ended, stopped_players: stopped },
        personal: { subject: actor.id, data: { reason: input.reason } },
      },
    }
  },
})
