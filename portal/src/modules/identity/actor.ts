import { eq } from 'drizzle-orm'
import type { IdentityPort } from '#portal/adapters/identity/port.ts'
import type { Actor, StaffGroup } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import { members } from './tables.ts'

/** The signed-in person behind these headers, with role and groups as they are now; null if nobody is. */
export async function actorOf(identity: IdentityPort, db: Db, headers: Headers): Promise<Actor | null> {
  const signedIn = await identity.whoIs(headers)
  if (!signedIn) return null
  const [member] = await db.select().from(members).where(eq(members.userId, signedIn.userId))
  if (!member) return null
  return {
    kind: 'user',
    id: member.userId,
    role: member.role,
    groups: member.staffGroups as StaffGroup[],
    organisationId: member.organisationId,
  }
}
