import { and, eq, isNotNull, isNull, ne } from 'drizzle-orm'
import { z } from 'zod'
import { endKeysOf } from '#portal/modules/access/end-keys.ts'
import { endOwnPlaybacks } from '#portal/modules/playback/end-own-playbacks.ts'
import { ROLES } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { endSessionsOf } from './end-sessions.ts'
import { PEOPLE_KEEPERS } from './people-keepers.ts'
import { members, organisations } from './tables.ts'

const personId = z.strictObject({ id: z.string().max(64) })

export const changeMemberInput = personId.extend({
  role: z.enum(ROLES).optional(),
  organisationId: z.string().max(64).optional(),
})

/**
 * Another role, another organisation. Staff groups end with the administrator's role, keys with the organisation,
 * open previews with either.
 */
export const changeMember = verb({
  action: 'user.change',
  input: changeMemberInput,
  allow: { ...PEOPLE_KEEPERS, fresh: true },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const { id, role, organisationId } = input
    if (role === undefined && organisationId === undefined)
      throw new AppError('invalid', 'Name a role, an organisation, or both.')
    notOneself(scope, id)
    if (organisationId !== undefined) {
      const [found] = await tx
        .select({ id: organisations.id })
        .from(organisations)
        .where(eq(organisations.id, organisationId))
      if (!found) throw new AppError('not_found', 'There is no such organisation.')
    }
    const [before] = await tx.select().from(members).where(eq(members.userId, id)).for('update')
    if (!before || before.deactivatedAt) throw new AppError('not_found', 'There is no such person.')
    const left = role !== undefined && role !== 'admin'
    await tx
      .update(members)
      .set({
        ...(role ? { role } : {}),
        ...(organisationId ? { organisationId } : {}),
        ...(left ? { staffGroups: [] } : {}),
      })
      .where(eq(members.userId, id))
    const moved = organisationId !== undefined && organisationId !== before.organisationId
    // An administrator may be watching by an emergency access too, which goes with the role.
    const lowered = role !== undefined && ROLES.indexOf(role) < ROLES.indexOf(before.role)
    const previews = moved || lowered ? await endOwnPlaybacks(scope, id) : { stopped: 0 }
    const keysEnded = moved ? await endKeysOf(tx, id, actor.id, ctx.now) : 0
    return {
      result: { id, role: role ?? before.role, organisationId: organisationId ?? before.organisationId },
      change: {
        target: { type: 'user', id },
        details: {
          role_before: before.role,
          role: role ?? before.role,
          organisation_before: before.organisationId,
          organisation_id: organisationId ?? before.organisationId,
          keys_ended: keysEnded,
          stopped_players: previews.stopped,
        },
      },
    }
  },
})

/** Lets a person in no more: sessions, keys, staff groups and previews end now. What they shared stays, for others to judge. */
export const deactivateMember = verb({
  action: 'user.deactivate',
  input: personId,
  allow: PEOPLE_KEEPERS,
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    notOneself(scope, input.id)
    const [gone] = await tx
      .update(members)
      .set({ deactivatedAt: ctx.now, staffGroups: [] })
      .where(and(eq(members.userId, input.id), isNull(members.deactivatedAt), ne(members.userId, actor.id)))
      .returning({ id: members.userId })
    if (!gone) throw new AppError('not_found', 'There is no such person, or they are deactivated already.')
    const sessionsEnded = await endSessionsOf(tx, gone.id)
    const keysEnded = await endKeysOf(tx, gone.id, actor.id, ctx.now)
    const { stopped } = await endOwnPlaybacks(scope, gone.id)
    return {
      result: { id: gone.id, status: 'deactivated' as const, sessionsEnded, keysEnded },
      change: {
        target: { type: 'user', id: gone.id },
        details: { sessions_ended: sessionsEnded, keys_ended: keysEnded, stopped_players: stopped },
      },
    }
  },
})

/** Lets a deactivated person in again, in the role they had; without staff groups and keys. */
export const reactivateMember = verb({
  action: 'user.reactivate',
  input: personId,
  allow: PEOPLE_KEEPERS,
  async run({ tx, input }) {
    const [back] = await tx
      .update(members)
      .set({ deactivatedAt: null })
      .where(and(eq(members.userId, input.id), isNotNull(members.deactivatedAt), isNull(members.erasedAt)))
      .returning({ id: members.userId })
    if (!back) throw new AppError('not_found', 'There is no deactivated person with this ID.')
    // Nothing that was begun at the moment of the deactivation comes to life again.
    await endSessionsOf(tx, back.id)
    return {
      result: { id: back.id, status: 'active' as const },
      change: { target: { type: 'user', id: back.id } },
    }
  },
})

function notOneself({ actor }: Pick<VerbScope<unknown>, 'actor'>, id: string): void {
  if (actor.id === id)
    throw new AppError('conflict', 'Somebody else has to change this about you: ask another administrator.')
}
