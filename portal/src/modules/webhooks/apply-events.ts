import { setTimeout as delay } from 'node:timers/promises'
import { findSubjects } from '#portal/modules/uploads/find-subjects.ts'
import { settleAndFollow } from '#portal/modules/uploads/jobs.ts'
import type { App } from '#portal/platform/app.ts'
import type { Actor } from '#portal/platform/context.ts'
import { isAppError } from '#portal/platform/errors.ts'
import type { ClaimedEvent } from './claim-events.ts'
import { noteKinds } from './note-kinds.ts'
import { createResultWriter, type Outcome, type Result } from './record-results.ts'
import { type Failure, failureOf, MOST_CLAIMS } from './retry-rules.ts'
import { namesOf, tellsOfChange } from './rules.ts'
import type { Origin } from './tables.ts'
import { throughBadMoments } from './through-bad-moments.ts'

export type Round = {
  origin: Origin
  replayId: string | null
  /** Takes up to so many events that nobody else has; none when there are no more. */
  claim: (limit: number) => Promise<ClaimedEvent[]>
  /** Objects that are looked at at the same time, and so calls to the video service. */
  lanes: number
  /** Events that are taken together. */
  together: number
  /** No more are taken once this says so. */
  enough: () => boolean
  /** Told of each try as soon as it is written down. */
  onResult?: (result: Result) => void
}

/** Events about one object, or about none that is known. */
type Group = { events: ClaimedEvent[]; uploadId: string | null; outcome: Outcome | null }

/**
 * Applies events until there are none left to take. Each lane takes one object after the other, so that what is slow or
 * poisoned holds up its own lane alone; events of one object that came together are applied with one look at it.
 */
export async function applyEvents(app: App, round: Round): Promise<void> {
  const write = createResultWriter(app)
  const next = createFeed(app, round)
  const answered = { at: Number.NEGATIVE_INFINITY }
  const lane = async () => {
    for (let group = await next(); group; group = await next()) {
      const { events, ended } = await tryGroup(app, group, answered)
      const at = app.clock()
      await Promise.all(
        events.map(async (event) => {
          const result = { event, at, origin: round.origin, replayId: round.replayId, ...ended }
          await write(result)
          round.onResult?.(result)
        }),
      )
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: round.lanes }, lane))
  const broken = lanes.find((one) => one.status === 'rejected')
  if (broken) throw broken.reason
}

/** Gives the lanes one group after the other; they wait together while more events are taken. */
function createFeed(app: App, round: Round): () => Promise<Group | undefined> {
  const groups: Group[] = []
  let taking: Promise<void> | null = null
  let over = false
  const take = async () => {
    const events = round.enough() ? [] : await throughBadMoments(() => round.claim(round.together))
    over = events.length === 0
    await noteKinds(app, events)
    groups.push(...(await throughBadMoments(() => groupBySubject(app, events))))
  }
  return async () => {
    while (groups.length === 0 && !over) {
      taking ??= take().finally(() => {
        taking = null
      })
      await taking
    }
    return groups.shift()
  }
}

async function groupBySubject(app: App, events: ClaimedEvent[]): Promise<Group[]> {
  const provider = app.ports.video.provider
  const outcomes = events.map((event): Outcome | null => {
    if (!tellsOfChange(event.type)) return 'unknown_type'
    return event.provider === provider ? null : 'nothing_to_do'
  })
  const telling = events.filter((_, place) => outcomes[place] === null)
  const subjects = telling.length > 0 ? await findSubjects(app.db, telling.map(namesOf)) : []
  const groups = new Map<string, Group>()
  const add = (key: string, event: ClaimedEvent, group: Omit<Group, 'events'>) => {
    const known = groups.get(key) ?? { ...group, events: [] }
    known.events.push(event)
    groups.set(key, known)
  }
  for (const [place, event] of events.entries()) {
    const outcome = outcomes[place] ?? null
    if (outcome) add(outcome, event, { uploadId: null, outcome })
  }
  for (const [place, event] of telling.entries()) {
    const uploadId = subjects[place] ?? null
    // In whose company a process ended goes alone: if it is the poison, it poisons nobody.
    const key = event.claims > 1 ? `${uploadId}:${event.id}` : (uploadId ?? 'unknown_object')
    add(key, event, { uploadId, outcome: uploadId ? null : 'unknown_object' })
  }
  return [...groups.values()]
}

/** Whoever asked for a try: what it changes, the service changed. */
const APPLIER: Actor = { kind: 'system', id: 'webhooks.apply' }

type Ended = { outcome: Outcome } | { failure: Failure }

async function tryGroup(
  app: App,
  { events, uploadId, outcome }: Group,
  answered: { at: number },
): Promise<{ events: ClaimedEvent[]; ended: Ended }> {
  const interrupted = events.filter(({ claims }) => claims > MOST_CLAIMS)
  if (interrupted.length === events.length) return { events, ended: { failure: INTERRUPTED } }
  if (outcome || !uploadId) return { events, ended: { outcome: outcome ?? 'unknown_object' } }
  const eventAt = new Date(Math.max(...events.map((event) => event.occurredAt.getTime())))
  const assetDeleted = events.some(({ type }) => type === 'video.asset.deleted')
  const settle = () =>
    throughBadMoments(() =>
      settleAndFollow(app, app.newContext(APPLIER), uploadId, { eventAt, assetDeleted }),
    )
  try {
    await settle().catch(async (error: unknown) => {
      // The circuit was opened by others' failures, while the service does answer: that is no failure of this one.
      if (!isOpenCircuit(error) || app.clock().getTime() - answered.at > ANSWERED_LATELY_MS) throw error
      await delay(CIRCUIT_MS + Math.random() * CIRCUIT_MS)
      await settle()
    })
    answered.at = app.clock().getTime()
    return { events, ended: { outcome: 'applied' } }
  } catch (error) {
    const failure = failureOf(error)
    if (failure.cause === 'unexpected')
      app.log.error({ err: error, events: events.length }, 'webhook not applied')
    return { events, ended: { failure } }
  }
}

const INTERRUPTED: Failure = {
  cause: 'interrupted',
  error: 'The process ended each time while this was being applied.',
  transient: false,
}

const CIRCUIT_MS = 2200
const ANSWERED_LATELY_MS = 15_000

/** Refused before any call was made. */
function isOpenCircuit(error: unknown): boolean {
  return isAppError(error) && error.code === 'unavailable' && error.cause === undefined
}
