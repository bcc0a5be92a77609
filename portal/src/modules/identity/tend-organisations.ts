import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { personName } from './inputs.ts'
import { PEOPLE_KEEPERS } from './people-keepers.ts'
import { members, organisations, users } from './tables.ts'

export const createOrganisationInput = z.strictObject({
  name: personName,
  region: z.enum(['AU', 'EU']).optional(),
})

/** Makes an organisation to invite people into; its region is this installation's unless named. */
export const createOrganisation = verb({
  action: 'organisation.create',
  input: createOrganisationInput,
  allow: PEOPLE_KEEPERS,
  async run({ tx, input, ctx }) {
    // The same lock as an invitation takes that names a new organisation.
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended('organisation:' || lower(${input.name}), 0))`,
    )
    const [taken] = await tx
      .select({ id: organisations.id })
      .from(organisations)
      .where(eq(sql`lower(${organisations.name})`, input.name.toLowerCase()))
    if (taken) throw new AppError('conflict', 'There is an organisation of this name already.')
    const id = ctx.newId('org')
    const region = input.region ?? ctx.region
    await tx.insert(organisations).values({ id, name: input.name, region, createdAt: ctx.now })
    return {
      result: { id, name: input.name, region },
      change: { target: { type: 'organisation', id }, details: { region } },
    }
  },
})

/** Every organisation with how many people it has, by name; at most 500. */
export const listOrganisations = read({
  action: 'organisation.list',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db }) {
    const rows = await db
      .select({
        id: organisations.id,
        name: organisations.name,
        region: organisations.region,
        createdAt: organisations.createdAt,
        people: sql<number>`count(${members.userId})::int`,
      })
      .from(organisations)
      .leftJoin(members, and(eq(members.organisationId, organisations.id), isNull(members.deactivatedAt)))
      .groupBy(organisations.id)
      .orderBy(asc(organisations.name), asc(organisations.id))
      .limit(500)
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
  },
})

/** The people of the caller's own organisation, by name; at most 500. */
export const listColleagues = read({
  action: 'organisation.people',
  input: z.strictObject({}),
  allow: { role: 'agency' },
  async run({ db, actor }) {
    if (actor.kind !== 'user') return []
    return await db
      .select({ id: users.id, name: users.name, email: users.email, role: members.role })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.organisationId, actor.organisationId), isNull(members.deactivatedAt)))
      .orderBy(asc(users.name), asc(users.id))
      .limit(500)
  },
})
