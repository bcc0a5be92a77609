import { and, desc, eq, gt, inArray, isNull, lte, ne, sql } from 'drizzle-orm'
import { memberFacts, organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { endOwnPlaybacksIn } from '#portal/modules/playback/end-own-playbacks.ts'
import type { EmergencyRight } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, type VerbScope, verb } from '#portal/platform/operation.ts'
import { announceEmergency, closeEmergency } from './emergency-jobs.ts'
import { idInput, nothingInput, requestEmergencyInput, reviewEmergencyInput } from './inputs.ts'
import { emergencyGrants } from './tables.ts'

const DECIDERS = { role: 'admin' as const, groups: ['security' as const, 'compliance' as const] }
const ASK_HOURS = 24

/** Asks for extra rights for a while. Nothing is given before a second person agrees. */
export const requestEmergency = verb({
  action: 'emergency.request',
  input: requestEmergencyInput,
  allow: { role: 'admin' },
  async run({ tx, input, ctx, actor }) {
    if (input.organisationId !== undefined) {
      const [found] = await tx
        .select({ id: organisationFacts.id })
        .from(organisationFacts)
        .where(eq(organisationFacts.id, input.organisationId))
      if (!found) throw new AppError('not_found', 'There is no such organisation.')
    }
    const id = ctx.newId('emg')
    const { group: staffGroup, organisationId, minutes, reason } = input
    await tx.insert(emergencyGrants).values({
      ...{ id, staffGroup, organisationId, minutes, reason },
      userId: actor.id,
      requestedAt: ctx.now,
    })
    return {
      result: { id, status: 'pending' as const },
      change: {
        target: { type: 'emergency_grant', id },
        details: { group: staffGroup ?? null, organisation_id: organisationId ?? null, minutes },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})

/** A second person agrees: the rights begin now, end by themselves, and are made known. */
export const approveEmergency = verb({
  action: 'emergency.approve',
  input: idInput,
  allow: { ...DECIDERS, fresh: true },
  run: (scope) => decide(scope, 'approved'),
})

/** A second person says no; nothing was ever given. */
export const declineEmergency = verb({
  action: 'emergency.decline',
  input: idInput,
  allow: DECIDERS,
  run: (scope) => decide(scope, 'declined'),
})

async function decide(scope: VerbScope<{ id: string }>, decision: 'approved' | 'declined') {
  const { tx, input, ctx, actor, enqueue } = scope
  const [asked] = await tx.select().from(emergencyGrants).where(eq(emergencyGrants.id, input.id))
  if (!asked) throw new AppError('not_found', 'Nobody asked for this.')
  if (asked.userId === actor.id)
    throw new AppError('conflict', 'A second person decides: somebody other than who asked.')
  const endsAt = decision === 'approved' ? new Date(ctx.now.getTime() + asked.minutes * 60_000) : null
  const [decided] = await tx
    .update(emergencyGrants)
    .set({ decision, decidedBy: actor.id, decidedAt: ctx.now, endsAt })
    .where(
      and(
        eq(emergencyGrants.id, input.id),
        isNull(emergencyGrants.decision),
        ne(emergencyGrants.userId, actor.id),
        gt(emergencyGrants.requestedAt, new Date(ctx.now.getTime() - ASK_HOURS * 3_600_000)),
      ),
    )
    .returning({ id: emergencyGrants.id })
  if (!decided) throw new AppError('conflict', 'This was decided already, or was asked more than a day ago.')
  if (endsAt) {
    await enqueue(announceEmergency, { id: decided.id })
    await enqueue(closeEmergency, { id: decided.id }, { runAt: endsAt })
  }
  return {
    result: { id: decided.id, status: decision, endsAt: endsAt?.toISOString() ?? null },
    change: {
      target: { type: 'emergency_grant', id: decided.id },
      details: { user_id: asked.userId, ends_at: endsAt?.toISOString() ?? null },
    },
  }
}

/** Ends an emergency access before its time, with what plays by it: its holder's own, or by those who decide. */
export const endEmergency = verb({
  action: 'emergency.end',
  input: idInput,
  allow: { role: 'admin' },
  async run(scope) {
    const { tx, input, ctx, actor, enqueue } = scope
    const [ended] = await tx
      .update(emergencyGrants)
      .set({ endsAt: ctx.now, endedBy: actor.id })
      .where(and(eq(emergencyGrants.id, input.id), gt(emergencyGrants.endsAt, ctx.now)))
      .returning()
    if (!ended) throw new AppError('not_found', 'This emergency access does not run.')
    const stopped = await endPreviewsBy(scope, ended)
    await enqueue(closeEmergency, { id: ended.id })
    return {
      result: { id: ended.id, status: 'ended' as const },
      change: { target: { type: 'emergency_grant', id: ended.id }, details: { stopped_players: stopped } },
    }
  },
})

/** Ends what plays by an access. One that runs out needs none of it: the tokens that it gives end with it. */
async function endPreviewsBy(
  scope: VerbScope<unknown>,
  { userId, organisationId }: typeof emergencyGrants.$inferSelect,
): Promise<number> {
  if (organisationId === null) return 0
  const [holder] = await scope.tx
    .select({ organisationId: memberFacts.organisationId })
    .from(memberFacts)
    .where(eq(memberFacts.userId, userId))
  // Their own organisation's videos are open to them without it.
  if (holder?.organisationId === organisationId) return 0
  return (await endOwnPlaybacksIn(scope, userId, organisationId)).stopped
}

/** A third person looks at an emergency access that is over, and says whether it was right. */
export const reviewEmergency = verb({
  action: 'emergency.review',
  input: reviewEmergencyInput,
  allow: DECIDERS,
  async run({ tx, input, ctx, actor }) {
    const [grant] = await tx.select().from(emergencyGrants).where(eq(emergencyGrants.id, input.id))
    if (!grant) throw new AppError('not_found', 'There is no such emergency access.')
    if (grant.userId === actor.id || grant.decidedBy === actor.id)
      throw new AppError(
        'conflict',
        'A third person reviews: neither who had the access nor who agreed to it.',
      )
    const { verdict: reviewVerdict, note: reviewNote } = input
    const [reviewed] = await tx
      .update(emergencyGrants)
      .set({ reviewedBy: actor.id, reviewedAt: ctx.now, reviewVerdict, reviewNote })
      .where(
        and(
          eq(emergencyGrants.id, grant.id),
          lte(emergencyGrants.endsAt, ctx.now),
          isNull(emergencyGrants.reviewedAt),
        ),
      )
      .returning({ id: emergencyGrants.id })
    if (!reviewed) throw new AppError('conflict', 'It still runs, never began, or was reviewed already.')
    return {
      result: { id: grant.id, verdict: reviewVerdict },
      change: {
        target: { type: 'emergency_grant', id: grant.id },
        reason: reviewVerdict,
        details: { user_id: grant.userId },
        personal: { subject: actor.id, data: { note: reviewNote } },
      },
    }
  },
})

/** Emergency accesses, newest first, at most 100. */
export const listEmergencies = read({
  action: 'emergency.list',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, ctx, actor }) {
    const rows = await db
      .select({ grant: emergencyGrants, name: personFacts.name, organisation: organisationFacts.name })
      .from(emergencyGrants)
      .innerJoin(personFacts, eq(personFacts.id, emergencyGrants.userId))
      .leftJoin(organisationFacts, eq(organisationFacts.id, emergencyGrants.organisationId))
      .orderBy(desc(emergencyGrants.requestedAt), desc(emergencyGrants.id))
      .limit(100)
    const deciders = rows.flatMap(({ grant }) => grant.decidedBy ?? [])
    const named = await db
      .select({ id: personFacts.id, name: personFacts.name })
      .from(personFacts)
      .where(inArray(personFacts.id, deciders))
    const nameOf = new Map(named.map((person) => [person.id, person.name]))
    return rows.map(({ grant, name, organisation }) => ({
      id: grant.id,
      name,
      mine: grant.userId === actor.id,
      group: grant.staffGroup,
      organisationId: grant.organisationId,
      organisation,
      reason: grant.reason,
      minutes: grant.minutes,
      status: statusOf(grant, ctx.now),
      requestedAt: grant.requestedAt.toISOString(),
      decidedBy: nameOf.get(grant.decidedBy ?? '') ?? null,
      endsAt: grant.endsAt?.toISOString() ?? null,
      review: grant.reviewVerdict,
      reviewNote: grant.reviewNote,
    }))
  },
})

function statusOf(grant: typeof emergencyGrants.$inferSelect, now: Date) {
  if (grant.decision === null)
    return now.getTime() - grant.requestedAt.getTime() < ASK_HOURS * 3_600_000 ? 'pending' : 'lapsed'
  if (grant.decision === 'declined') return 'declined'
  if (grant.endsAt && grant.endsAt > now) return 'running'
  return grant.reviewedAt ? 'reviewed' : 'to_review'
}

/** What runs now for this person. */
export async function emergencyRightsOf(db: Db, userId: string, now: Date): Promise<EmergencyRight[]> {
  // Asked with every request of an administrator: under one name each connection plans it once.
  const query = db
    .select()
    .from(emergencyGrants)
    .where(
      and(
        eq(emergencyGrants.userId, sql.placeholder('userId')),
        eq(emergencyGrants.decision, 'approved'),
        gt(emergencyGrants.endsAt, sql.placeholder('now')),
      ),
    )
    .prepare('emergency-rights')
  const rows = await query.execute({ userId, now: now.toISOString() })
  return rows.map(({ id, staffGroup, organisationId, endsAt }) => ({
    ...{ id, organisationId },
    group: staffGroup,
    endsAt: endsAt ?? now,
  }))
}
