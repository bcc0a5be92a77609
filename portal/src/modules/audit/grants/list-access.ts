import { desc, eq, inArray } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { read } from '#portal/platform/operation.ts'
import type { LogGrant, LogGrantState } from '../answers.ts'
import { nothingInput } from '../inputs.ts'
import { HOUR_MS, LOG_ACCESS_ASK_HOURS } from '../rules.ts'
import { logAccessOf } from './log-access-of.ts'
import { logGrants } from './tables.ts'

const MOST = 200

/** Until when the caller may read the log; null where they may not. */
export const getOwnLogAccess = read({
  action: 'audit-access.own',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, ctx, actor }): Promise<{ until: string | null }> {
    const emergency = actor.kind === 'user' ? (actor.emergency ?? []) : []
    const ends = emergency.flatMap(({ group, endsAt }) =>
      (group === 'security' || group === 'compliance') && endsAt > ctx.now ? [endsAt.getTime()] : [],
    )
    const access = await logAccessOf(db, actor.id, ctx.now)
    if (access) ends.push(access.endsAt.getTime())
    return { until: ends.length > 0 ? new Date(Math.max(...ends)).toISOString() : null }
  },
})

/** Grants to read the log, newest first: who asks, who may now, who could before. */
export const listLogAccess = read({
  action: 'audit-access.list',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, ctx, actor }): Promise<LogGrant[]> {
    const rows = await db
      .select({ grant: logGrants, name: personFacts.name })
      .from(logGrants)
      .innerJoin(personFacts, eq(personFacts.id, logGrants.userId))
      .orderBy(desc(logGrants.askedAt), desc(logGrants.id))
      .limit(MOST)
    const names = await namesOf(
      db,
      rows.flatMap(({ grant }) => grant.decidedBy ?? []),
    )
    return rows.map(({ grant, name }) => ({
      ...{ id: grant.id, name, origin: grant.origin, reason: grant.reason, hours: grant.hours },
      mine: grant.userId === actor.id,
      state: stateOf(grant, ctx.now),
      askedAt: grant.askedAt.toISOString(),
      decidedBy: names.get(grant.decidedBy ?? '') ?? null,
      decidedAt: grant.decidedAt?.toISOString() ?? null,
      endsAt: grant.endsAt?.toISOString() ?? null,
    }))
  },
})

/** Names of people by ID, for those whom an operation allowed to see them. */
export async function namesOf(db: Tx, ids: string[]): Promise<Map<string, string>> {
  const people = await db
    .select({ id: personFacts.id, name: personFacts.name })
    .from(personFacts)
    .where(inArray(personFacts.id, ids))
  return new Map(people.map(({ id, name }) => [id, name]))
}

function stateOf(grant: typeof logGrants.$inferSelect, now: Date): LogGrantState {
  if (grant.decision === 'declined') return 'declined'
  if (grant.decision === null)
    return now.getTime() - grant.askedAt.getTime() < LOG_ACCESS_ASK_HOURS * HOUR_MS ? 'pending' : 'lapsed'
  return grant.endsAt && grant.endsAt > now ? 'running' : 'ended'
}
