import { and, eq, ne } from 'drizzle-orm'
import { z } from 'zod'
import { endPlaybacksWithoutSession } from '#portal/modules/playback/end-own-playbacks.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { endSessionInput } from './inputs.ts'
import { sessions } from './tables.ts'

/** Ends one of one's own sessions: the next request with it, on any node, finds nobody. */
export const endSession = verb({
  action: 'account.end-session',
  input: endSessionInput,
  allow: { role: 'guest', fresh: true },
  async run({ tx, input, actor }) {
    const ended = await tx
      .delete(sessions)
      .where(and(eq(sessions.id, input.id), eq(sessions.userId, actor.id)))
      .returning({ id: sessions.id })
    if (ended.length === 0) throw new AppError('not_found', 'This session has ended already.')
    return { result: null, change: { target: { type: 'session', id: input.id } } }
  },
})

/** Ends all of one's sessions but the one that asks, and every preview that is not open in that one. */
export const endOtherSessions = verb({
  action: 'account.end-other-sessions',
  input: z.strictObject({}),
  allow: { role: 'guest', fresh: true },
  async run(scope) {
    const { tx, actor } = scope
    if (actor.kind !== 'user' || !actor.sessionId)
      throw new AppError('conflict', 'There is no session to keep.')
    const ended = await endSessionsOf(tx, actor.id, actor.sessionId)
    const { stopped } = ended > 0 ? await endPlaybacksWithoutSession(scope, [actor.id]) : { stopped: 0 }
    return {
      result: { ended },
      change: { target: { type: 'user', id: actor.id }, details: { ended, stopped_players: stopped } },
    }
  },
})

/** Ends a person's sessions, but for one to keep; gives how many. */
export async function endSessionsOf(tx: Tx, userId: string, keep?: string): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), keep ? ne(sessions.id, keep) : undefined))
    .returning({ id: sessions.id })
  return ended.length
}
