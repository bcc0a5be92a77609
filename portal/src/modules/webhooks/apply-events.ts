import { setTimeout as delay } from 'node:timers/promises'
import { findSubjects } from '#portal/modules/uploads/find-subjects.ts'
import { settleAndFollow } from '#portal/modules/uploads/follow-upload.ts'
import type { ManyLooker } from '#portal/modules/uploads/foresee-objects.ts'
import { settleMany } from '#portal/modules/uploads/settle-many.ts'
import type { SettleInput } from '#portal/modules/uploads/settle-upload.ts'
import type { App } from '#portal/platform/app.ts'
import { throughBadMoments } from '#portal/platform/bad-moments.ts'
import type { Actor } from '#portal/platform/context.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { type ClaimedEvent, giveBack, LEASE_MS } from './claim-events.ts'
import { noteKinds } from './note-kinds.ts'
import { createResultWriter, type Outcome, type Result } from './record-results.ts'
import { type Failure, failureOf, MOST_CLAIMS } from './retry-rules.ts'
import { namesOf, tellsOfChange } from './rules.ts'
import type { Origin } from './tables.ts'

export type Round = {
  origin: Origin
  replayId: string | null
  /** Takes up to so many events that nobody else has; none when there are no more. */
  claim: (limit: number) => Promise<ClaimedEvent[]>
  /** Where the objects of so many events, which were taken just before, are looked up. */
  lookerFor: (events: number) => Promise<ManyLooker>
  /** No more are taken once this says so. */
  enough: () => boolean
  /** Told of each try as soon as it is written down. */
  onResult?: (result: Result) => void
}

/** Work that goes on at the same time. */
const LANES = 4
/** Events that are taken together. */
const TOGETHER = 500
/** Objects that one lane brings up to date in one transaction, at most; few are spread over the lanes. */
const MOST_AT_ONCE = 25

/** Events about one object, or about none that is known. */
type Group = { events: ClaimedEvent[]; uploadId: string | null; outcome: Outcome | null }

/**
 * Applies events until there are none left to take. What is poisoned fails by itself and what is slow holds up its own
 * lane alone; events of one object that came together are applied with one look at it.
 */
export async function applyEvents(app: App, round: Round): Promise<void> {
  const write = createResultWriter(app)
  const next = createFeed(app, round)
  const answered = { at: Number.NEGATIVE_INFINITY }
  const lane = async () => {
    for (let batch = await next(); batch; batch = await next()) {
      const tried = await tryGroups(app, batch, answered)
      const at = app.clock()
      await Promise.all(
        tried.flatMap(({ events, ended }) =>
          events.map(async (event) => {
            const result = { event, at, origin: round.origin, replayId: round.replayId, ...ended }
            await write(result)
            round.onResult?.(result)
          }),
        ),
      )
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane))
  const broken = lanes.find((one) => one.status === 'rejected')
  if (broken) throw broken.reason
}

type Batch = { groups: Group[]; looker: ManyLooker }
type Taken = Batch & { atOnce: number; goodUntil: number }

/** Gives the lanes some groups after the others; they wait together while more events are taken. */
function createFeed(app: App, round: Round): () => Promise<Batch | null> {
  let taken: Taken | null = null
  let taking: Promise<void> | null = null
  let over = false
  const take = async () => {
    if (taken) await giveBackOf(app, taken)
    taken = null
    const events = round.enough() ? [] : await throughBadMoments(() => round.claim(TOGETHER))
    over = events.length === 0
    if (over) return
    const goodUntil = app.clock().getTime() + LEASE_MS / 2
    await noteKinds(app, events)
    const groups = await throughBadMoments(() => groupBySubject(app, events))
    const atOnce = Math.min(MOST_AT_ONCE, Math.ceil(groups.length / LANES))
    taken = { groups, atOnce, goodUntil, looker: await round.lookerFor(events.length) }
  }
  const isUsedUp = () => !taken || taken.groups.length === 0 || app.clock().getTime() > taken.goodUntil
  return async () => {
    while (isUsedUp() && !over) {
      taking ??= take().finally(() => {
        taking = null
      })
      await taking
    }
    if (!taken || taken.groups.length === 0) return null
    return { looker: taken.looker, groups: takeBatch(taken) }
  }
}

/** In whose company a process ended goes alone: if it is the poison, it takes nobody along. */
function takeBatch({ groups, atOnce }: Taken): Group[] {
  const lonely = groups.findIndex(({ events }) => events.some(({ claims }) => claims > 1))
  return groups.splice(0, lonely < 0 ? atOnce : Math.max(1, Math.min(lonely, atOnce)))
}

/** What was not begun while its lease was young: a service that is slow must not look like a process that died. */
async function giveBackOf(app: App, { groups }: Taken): Promise<void> {
  const events = groups.flatMap((group) => group.events)
  if (events.length > 0) await throughBadMoments(() => giveBack(app.pool, events))
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
    const key = event.claims > 1 ? `${uploadId}:${event.id}` : (uploadId ?? 'unknown_object')
    add(key, event, { uploadId, outcome: uploadId ? null : 'unknown_object' })
  }
  return [...groups.values()]
}

/** Whoever asked for a try: what it changes, the service changed. */
const APPLIER: Actor = { kind: 'system', id: 'webhooks.apply' }

type Ended = { outcome: Outcome } | { failure: Failure }

type Tried = { events: ClaimedEvent[]; ended: Ended }

async function tryGroups(app: App, { groups, looker }: Batch, answered: { at: number }): Promise<Tried[]> {
  const tried: Tried[] = []
  const open: Open[] = []
  for (const { events, uploadId, outcome } of groups) {
    if (events.every(({ claims }) => claims > MOST_CLAIMS))
      tried.push({ events, ended: { failure: INTERRUPTED } })
    else if (outcome || !uploadId) tried.push({ events, ended: { outcome: outcome ?? 'unknown_object' } })
    else open.push({ events, ask: askOf(uploadId, events) })
  }
  const [one] = open
  if (one && open.length === 1 && !looker.listed) return [...tried, await tryOne(app, one, answered)]
  return [...tried, ...(await tryTogether(app, open, looker, answered))]
}

async function tryTogether(
  app: App,
  open: Open[],
  looker: ManyLooker,
  answered: { at: number },
): Promise<Tried[]> {
  if (open.length === 0) return []
  const ctx = app.newContext(APPLIER)
  const asks = open.map(({ ask }) => ask)
  const settle = () => settleMany(app, ctx, asks, looker)
  const errors = await throughBadMoments(settle).catch((error): Error[] => asks.map(() => error))
  if (errors.some((error) => error === null)) answered.at = app.clock().getTime()
  const tried: Tried[] = []
  for (const [place, one] of open.entries()) {
    const error = errors[place]
    if (!error) tried.push({ events: one.events, ended: APPLIED })
    else if (isOpenCircuit(error) || failureOf(error).transient) tried.push(await tryOne(app, one, answered))
    else tried.push({ events: one.events, ended: failedWith(app, error) })
  }
  return tried
}

type Open = { events: ClaimedEvent[]; ask: SettleInput }

function askOf(uploadId: string, events: ClaimedEvent[]): SettleInput {
  const latest = events.reduce((one, other) => (other.occurredAt > one.occurredAt ? other : one))
  return {
    uploadId,
    eventAt: latest.occurredAt,
    event: latest.type,
    assetDeleted: events.some(({ type }) => type === 'video.asset.deleted'),
  }
}

async function tryOne(app: App, { events, ask }: Open, answered: { at: number }): Promise<Tried> {
  const { uploadId, ...news } = ask
  const settle = () => throughBadMoments(() => settleAndFollow(app, app.newContext(APPLIER), uploadId, news))
  try {
    await settle().catch(async (error: unknown) => {
      // The circuit was opened by others' failures, while the service does answer: that is no failure of this one.
      if (!isOpenCircuit(error) || app.clock().getTime() - answered.at > ANSWERED_LATELY_MS) throw error
      await delay(CIRCUIT_MS + Math.random() * CIRCUIT_MS)
      await settle()
    })
    answered.at = app.clock().getTime()
    return { events, ended: APPLIED }
  } catch (error) {
    return { events, ended: failedWith(app, error) }
  }
}

function failedWith(app: App, error: unknown): Ended {
  const failure = failureOf(error)
  if (failure.cause === 'unexpected') app.log.error({ err: error }, 'webhook not applied')
  return { failure }
}

const APPLIED: Ended = { outcome: 'applied' }

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
