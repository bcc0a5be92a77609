import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { askOverrideInput } from './inputs.ts'
import { limitOverrides } from './tables.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 30
/** What waits must stay a list that somebody reads, and no one person may fill it for all. */
const MOST_WAITING = 100
const MOST_WAITING_EACH = 5

type Subject = NonNullable<z.infer<typeof askOverrideInput>['subject']>

/**
 * Asks for a higher limit for a while: for oneself (and one's API keys), one's organisation, one's links; staff for anybody. Nothing
 * changes before a second person agrees.
 */
export const askOverride = verb({
  action: 'limit.ask-override',
  input: askOverrideInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor }) {
    const expiresAt = new Date(input.expiresAt)
    if (expiresAt <= ctx.now) throw wrong('expiresAt', 'lies in the past')
    if (expiresAt.getTime() > ctx.now.getTime() + MOST_DAYS * DAY_MS)
      throw wrong('expiresAt', `lies more than ${MOST_DAYS} days ahead: set the limit itself for good`)
    const subject = input.subject ?? { kind: 'user', id: actor.id }
    await mustBeTheirs(tx, actor, subject)
    await mustNotFlood(tx, actor.id, ctx.now)
    const id = ctx.newId('lov')
    const { class: limitClass, quota, reason } = input
    await tx.insert(limitOverrides).values({
      ...{ id, limitClass, quota, reason, expiresAt },
      ...{ subjectKind: subject.kind, subjectId: subject.id },
      ...{ askedBy: actor.id, askedAt: ctx.now },
    })
    return {
      result: { id, status: 'pending' as const },
      change: {
        target: { type: 'limit_override', id },
        details: {
          ...{ class: limitClass, subject_kind: subject.kind, subject_id: subject.id, quota },
          expires_at: expiresAt.toISOString(),
        },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})

const wrong = (path: string, message: string) =>
  new AppError('invalid', `${path}: ${message}.`, { errors: [{ path, message }] })

/** Whom or what an override is for exists, and is the asker's own unless staff ask. */
async function mustBeTheirs(tx: Tx, actor: Actor, { kind, id }: Subject): Promise<void> {
  if (actor.kind !== 'user' && actor.kind !== 'command') throw new AppError('forbidden')
  const mine = (organisationId: string | undefined, ownerId?: string) =>
    actor.kind === 'command' ||
    actor.role === 'admin' ||
    (ownerId === undefined ? organisationId === actor.organisationId : ownerId === actor.id)
  const owners = {
    user: async () =>
      (await tx.select({ owner: personFacts.id }).from(personFacts).where(eq(personFacts.id, id)))[0],
    organisation: async () =>
      (
        await tx
          .select({ organisation: organisationFacts.id })
          .from(organisationFacts)
          .where(eq(organisationFacts.id, id))
      )[0],
    share: async () =>
      (
        await tx
          .select({ organisation: shareFacts.organisationId })
          .from(shareFacts)
          .where(eq(shareFacts.id, id))
      )[0],
  }
  const found: { owner?: string; organisation?: string } | undefined = await owners[kind]()
  if (!found || !mine(found.organisation, found.owner))
    throw new AppError('not_found', 'There is nothing of yours by this ID that a limit could be lifted for.')
}

async function mustNotFlood(tx: Tx, askedBy: string, now: Date): Promise<void> {
  // One after another: of many asked at once, none may overlook the others.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('limit overrides', 0))`)
  const [waiting] = await tx
    .select({
      all: sql<number>`count(*)::int`,
      own: sql<number>`count(*) filter (where ${limitOverrides.askedBy} = ${askedBy})::int`,
    })
    .from(limitOverrides)
    .where(
      and(isNull(limitOverrides.decision), isNull(limitOverrides.endedAt), gt(limitOverrides.expiresAt, now)),
    )
  if ((waiting?.own ?? 0) >= MOST_WAITING_EACH)
    throw new AppError(
      'conflict',
      `${MOST_WAITING_EACH} of your requests wait for an answer already. Withdraw one of them first.`,
    )
  if ((waiting?.all ?? 0) >= MOST_WAITING)
    throw new AppError(
      'conflict',
      'Too many such requests wait for an answer. Ask staff to look at them first.',
    )
}
