import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { StaffGroup } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { members, users } from './tables.ts'

/** Puts an active administrator into a group; false where they are in it, or are none. */
export async function addToGroup(tx: Tx, userId: string, group: StaffGroup): Promise<boolean> {
  const added = await tx
    .update(members)
    .set({ staffGroups: sql`array_append(${members.staffGroups}, ${group})` })
    .where(
      and(
        eq(members.userId, userId),
        eq(members.role, 'admin'),
        isNull(members.deactivatedAt),
        sql`not ${members.staffGroups} @> array[${group}]::text[]`,
      ),
    )
    .returning({ id: members.userId })
  return added.length === 1
}

/** Takes a person out of a group; false where they were not in it. */
export async function removeFromGroup(tx: Tx, userId: string, group: StaffGroup): Promise<boolean> {
  const removed = await tx
    .update(members)
    .set({ staffGroups: sql`array_remove(${members.staffGroups}, ${group})` })
    .where(and(eq(members.userId, userId), sql`${members.staffGroups} @> array[${group}]::text[]`))
    .returning({ id: members.userId })
  return removed.length === 1
}

export type StaffMember = { id: string; name: string; email: string; groups: StaffGroup[] }

/** Every active administrator with their groups, by name. */
export async function listStaff(tx: Tx): Promise<StaffMember[]> {
  return await tx
    .select({ id: users.id, name: users.name, email: users.email, groups: members.staffGroups })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.role, 'admin'), isNull(members.deactivatedAt)))
    .orderBy(asc(users.name), asc(users.id))
}
