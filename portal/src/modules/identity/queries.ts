import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { decodeInstant, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { pageInput } from './inputs.ts'
import { PEOPLE_READERS } from './people-keepers.ts'
import { invitations, members, organisations, users } from './tables.ts'

/** The signed-in person: what the shell of every page shows. */
export const getSelf = read({
  action: 'user.self',
  input: z.strictObject({}),
  allow: { role: 'guest', owing: ['prove', 'set-up'] },
  async run({ db, actor }) {
    const [row] = await db
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        role: members.role,
        groups: members.staffGroups,
        organisationName: organisations.name,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .innerJoin(organisations, eq(organisations.id, members.organisationId))
      .where(eq(members.userId, actor.id))
    if (!row) throw new AppError('not_found')
    return row
  },
})

export type Person = {
  id: string
  kind: 'user' | 'invitation'
  name: string | null
  email: string
  role: string
  organisationId: string
  organisationName: string
  createdAt: string
  /** when an invitation ends */
  expiresAt: string | null
  /** since when an account lets nobody in */
  deactivatedAt: string | null
}

/** Everybody with an account, newest first. */
export const listUsers = read({
  action: 'user.list',
  input: pageInput,
  allow: PEOPLE_READERS,
  async run({ db, input }): Promise<Page<Person>> {
    const after = input.cursor ? decodeInstant(input.cursor) : null
    const rows = await db
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        role: members.role,
        organisationId: members.organisationId,
        organisationName: organisations.name,
        createdAt: members.createdAt,
        deactivatedAt: members.deactivatedAt,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .innerJoin(organisations, eq(organisations.id, members.organisationId))
      .where(
        and(
          isNull(members.erasedAt),
          after
            ? or(
                lt(members.createdAt, after.instant),
                and(eq(members.createdAt, after.instant), lt(members.userId, after.id)),
              )
            : undefined,
        ),
      )
      .orderBy(desc(members.createdAt), desc(members.userId))
      .limit(input.limit + 1)
    const people = rows.map((row) => ({
      ...row,
      kind: 'user' as const,
      createdAt: row.createdAt.toISOString(),
      expiresAt: null,
      deactivatedAt: row.deactivatedAt?.toISOString() ?? null,
    }))
    return toPage(people, input.limit, (row) => encodeCursor(row.createdAt, row.id))
  },
})

/** Invitations that still wait for their person, newest first, at most 100. */
export const listInvitations = read({
  action: 'user.list-invitations',
  input: z.strictObject({}),
  allow: PEOPLE_READERS,
  async run({ db, ctx }): Promise<Person[]> {
    const rows = await db
      .select({
        id: invitations.id,
        email: invitations.email,
        role: invitations.role,
        organisationId: invitations.organisationId,
        organisationName: organisations.name,
        createdAt: invitations.createdAt,
        expiresAt: invitations.expiresAt,
      })
      .from(invitations)
      .innerJoin(organisations, eq(organisations.id, invitations.organisationId))
      .where(
        and(
          isNull(invitations.acceptedAt),
          isNull(invitations.withdrawnAt),
          gt(invitations.expiresAt, ctx.now),
        ),
      )
      .orderBy(desc(invitations.createdAt))
      .limit(100)
    return rows.map((row) => ({
      ...row,
      kind: 'invitation',
      name: null,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      deactivatedAt: null,
    }))
  },
})

/** Whether nobody has an account yet. */
export const countMembers = read({
  action: 'user.count',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ db }) {
    const [row] = await db.select({ members: sql<number>`count(*)::int` }).from(members)
    return row?.members ?? 0
  },
})
