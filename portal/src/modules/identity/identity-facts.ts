import { and, eq, isNull, sql } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '#portal/platform/db.ts'
import { members, organisations, sessions, users } from './tables.ts'

/** What other modules may join on: names of organisations. PostgreSQL flattens it away. */
export const organisationFacts = new QueryBuilder()
  .select({
    id: organisations.id,
    name: organisations.name,
    version: sql<string>`${organisations}.xmin::text`.as('organisation_version'),
  })
  .from(organisations)
  .as('organisation_facts')

/** SQL: whether the organisation of this ID still is in the version that somebody saw; both are expressions. */
export const isOrganisationVersion = (id: string, version: string) =>
  `exists (select from organisations where organisations.id = ${id} and organisations.xmin = ${version})`

/** Names and addresses of people, for those whom an operation has allowed to see them. */
export const personFacts = new QueryBuilder()
  .select({ id: users.id, name: users.name, email: users.email })
  .from(users)
  .as('person_facts')

/** Who belongs to which organisation, in which role; nobody who was deactivated. */
export const memberFacts = new QueryBuilder()
  .select({
    userId: members.userId,
    organisationId: members.organisationId,
    role: members.role,
    staffGroups: members.staffGroups,
  })
  .from(members)
  .where(isNull(members.deactivatedAt))
  .as('member_facts')

/** Whether this person belongs to an organisation, and was not deactivated. */
export async function isMember(db: Db | Tx, userId: string): Promise<boolean> {
  const [member] = await db
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.userId, userId), isNull(members.deactivatedAt)))
  return member !== undefined
}

/** When people were signed in; no token, address or device. */
export const sessionFacts = new QueryBuilder()
  .select({
    id: sessions.id,
    userId: sessions.userId,
    createdAt: sessions.createdAt,
    lastSeenAt: sessions.lastSeenAt,
    expiresAt: sessions.expiresAt,
    secondFactorAt: sessions.secondFactorAt,
  })
  .from(sessions)
  .as('session_facts')
