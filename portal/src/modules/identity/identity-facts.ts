import { isNull } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import { members, organisations, users } from './tables.ts'

/** What other modules may join on: names of organisations. PostgreSQL flattens it away. */
export const organisationFacts = new QueryBuilder()
  .select({ id: organisations.id, name: organisations.name })
  .from(organisations)
  .as('organisation_facts')

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
