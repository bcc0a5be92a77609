import { and, eq, isNull } from 'drizzle-orm'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { members, sessions } from './tables.ts'

/**
 * Whether a caller still is the member that the door let in; holds them so till the end of the transaction, for whoever
 * hands out what a deactivation, a change of role or the end of their session must find and take back.
 */
export async function holdMember(tx: Tx, actor: Extract<Actor, { kind: 'user' }>): Promise<boolean> {
  const [held] = await tx
    .select({ organisationId: members.organisationId, role: members.role })
    .from(members)
    .where(and(eq(members.userId, actor.id), isNull(members.deactivatedAt)))
    .for('share')
  if (!held) return false
  if (actor.sessionId !== undefined) {
    const [session] = await tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, actor.sessionId), eq(sessions.userId, actor.id)))
      // Seen and proved it may be meanwhile; ended it may not.
      .for('key share')
    if (!session) return false
  }
  // An emergency access acts in another organisation, in a lesser role.
  return actor.emergencyUsed !== undefined
    ? held.role === 'admin'
    : held.organisationId === actor.organisationId && held.role === actor.role
}
