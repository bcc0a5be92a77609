import { eq } from 'drizzle-orm'
import type { Actor, StaffGroup } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import type { Auth } from './auth.ts'
import { members } from './tables.ts'

/** The signed-in person behind these headers, with role and groups as they are now; null if nobody is. */
export async function actorOf(auth: Auth, db: Db, headers: Headers): Promise<Actor | null> {
  if (!headers.get('cookie')?.includes('__Host-mm.session_token=')) return null
  const session = await auth.api.getSession({ headers })
  if (!session) return null
  const [member] = await db.select().from(members).where(eq(members.userId, session.user.id))
  if (!member) return null
  return {
    kind: 'user',
    id: member.userId,
    role: member.role,
    groups: member.staffGroups as StaffGroup[],
    organisationId: member.organisationId,
  }
}
