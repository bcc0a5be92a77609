import { and, eq } from 'drizzle-orm'
import { countRefusals } from '#portal/modules/audit/count-refusals.ts'
import { listReminders } from '#portal/modules/sharing/list-reminders.ts'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { read } from '#portal/platform/operation.ts'
import type { NotWatched, ShareViewing, ViewerLine } from './answers.ts'
import { viewingInput } from './inputs.ts'
import { loadPeople, type PersonWatching } from './load-viewing.ts'
import { isRecorded } from './recording-facts.ts'
import { fractionSeen, type Heat, heatOf } from './rules.ts'

const MOST_SHOWN = 200
const REFUSALS_DAYS = 30
/** Stretches of the strip. */
const STRETCHES = 100

/** Who watched how much of a share; for its own organisation alone, for here are addresses. */
export const getShareViewing = read({
  action: 'share.viewing',
  input: viewingInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor, keys, settings }): Promise<ShareViewing> {
    const share = await loadOwnShare(db, actor, input.id)
    const people = await loadPeople(db, keys, [share.id], ctx.now)
    const durationMs = Math.round((share.durationSeconds ?? 0) * 1000)
    const since = new Date(ctx.now.getTime() - REFUSALS_DAYS * 86_400_000)
    return {
      shareId: share.id,
      durationSeconds: share.durationSeconds,
      recorded: await isRecorded(db, share, settings),
      viewers: people
        .toSorted((a, b) => b.lastAt.getTime() - a.lastAt.getTime())
        .slice(0, MOST_SHOWN)
        .map((person) => lineOf(person, durationMs)),
      viewerCount: people.length,
      heat: heatOfPeople(people, durationMs),
      notWatched: await notWatchedOf(db, keys, share, people, ctx.now),
      refusals: await countRefusals(db, share.id, since),
    }
  },
})

/** What was seen and by how many, over everybody of whom something was kept; empty where that is nobody. */
export function heatOfPeople(people: PersonWatching[], durationMs: number): Heat[] {
  const kept = people.flatMap(({ parts }) => (parts ? [parts] : []))
  return kept.length > 0 && durationMs > 0 ? heatOf(kept, durationMs, STRETCHES) : []
}

export function lineOf(person: PersonWatching, durationMs: number): ViewerLine {
  const { parts } = person
  return {
    who: person.who,
    firstAt: person.firstAt.toISOString(),
    lastAt: person.lastAt.toISOString(),
    times: person.times,
    watching: person.watching,
    fraction: parts && fractionSeen(parts, durationMs),
    playedSeconds: parts && parts.reduce((sum, ms) => sum + ms, 0) / 1000,
  }
}

/**
 * A share of the actor's own organisation, ended or not.
 * @throws AppError not_found for anything else, staff's view of other organisations among it
 */
export async function loadOwnShare(db: Tx, actor: Actor, id: string) {
  if (actor.kind !== 'user') throw new AppError('forbidden')
  const [share] = await db
    .select({
      id: shareFacts.id,
      organisationId: shareFacts.organisationId,
      videoId: shareFacts.videoId,
      access: shareFacts.access,
      allow: shareFacts.allow,
      deny: shareFacts.deny,
      analytics: shareFacts.analytics,
      approval: shareFacts.approval,
      expiresAt: shareFacts.expiresAt,
      revokedAt: shareFacts.revokedAt,
      title: videoFacts.title,
      durationSeconds: videoFacts.durationSeconds,
    })
    .from(shareFacts)
    .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
    .where(and(eq(shareFacts.id, id), eq(shareFacts.organisationId, actor.organisationId)))
  if (!share) throw new AppError('not_found')
  return share
}

type OwnShare = Awaited<ReturnType<typeof loadOwnShare>>

async function notWatchedOf(
  db: Tx,
  keys: Keys,
  share: OwnShare,
  people: PersonWatching[],
  now: Date,
): Promise<NotWatched[]> {
  const seen = new Set(people.map(({ key }) => key))
  const reminders = await listReminders(db, keys, share, now)
  return reminders
    .filter(({ key }) => !seen.has(key))
    .map(({ address, remindedAt, times, mayRemind }) => ({
      address,
      remindedAt: remindedAt?.toISOString() ?? null,
      reminders: times,
      mayRemind,
    }))
}
