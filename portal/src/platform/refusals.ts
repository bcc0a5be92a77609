import type { App } from './app.ts'
import type { AuditTarget } from './audit-sink.ts'
import type { Context } from './context.ts'
import { mark } from './mark.ts'

const MINUTE_MS = 60_000
/** Kinds of refusal that get a line of their own in a minute; a flood of more stands as one a reason. */
const MOST_KINDS = 60
export const MANY = 'many'

export type Refused = {
  action: string
  /** Machine-readable, snake_case. */
  reason: string
  target: AuditTarget
}

export type Refusals = {
  /** Leaves the event at once where it is the first of its kind in this minute; further ones are counted. */
  note(refused: Refused, ctx: Context): Promise<void>
  /** Writes what was counted so far. */
  flush(): Promise<void>
}

type Kind = Refused & { who: string; ctx: Context; more: number; firstAt: Date }
type Parts = Pick<App, 'db' | 'audit' | 'clock' | 'log' | 'keys' | 'atClose'>

/**
 * Refusals of whoever has no session. Anybody can cause them, as many as they like, and nothing of the log is ever
 * deleted: so the first of a kind (what, why, who) in a minute is an event by itself, all others of it are told by one
 * more, which counts them. Who came stands as a keyed hash of the address that is another one each day.
 */
export function gatherRefusals({ db, audit, clock, log, keys, atClose }: Parts): Refusals {
  let minute = 0
  let kinds = new Map<string, Kind>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const whoIs = ({ ipHash, now }: Context) =>
    ipHash === null
      ? 'unknown'
      : mark(keys, 'refused', `${now.toISOString().slice(0, 10)} ${ipHash}`)
          .toString('hex')
          .slice(0, 16)

  async function note(refused: Refused, ctx: Context): Promise<void> {
    const now = clock()
    const current = Math.floor(now.getTime() / MINUTE_MS)
    if (current !== minute) {
      void flush()
      minute = current
    }
    // Ends the minute where nobody comes after.
    timer ??= setTimeout(() => void flush(), MINUTE_MS).unref()
    const own = { ...refused, who: whoIs(ctx) }
    const known = kinds.get(keyOf(own))
    if (!known && kinds.size < MOST_KINDS) {
      kinds.set(keyOf(own), { ...own, ctx, more: 0, firstAt: now })
      return await record([{ ...own, ctx, details: { caller: own.who } }])
    }
    const many = { ...own, who: MANY, target: { type: 'operation', id: refused.action } }
    const counted = known ?? kinds.get(keyOf(many)) ?? { ...many, ctx, more: 0, firstAt: now }
    kinds.set(keyOf(counted), { ...counted, ctx, more: counted.more + 1 })
  }

  async function record(events: (Refused & { ctx: Context; details: Details })[]): Promise<void> {
    try {
      await db.transaction(async (tx) => {
        for (const { ctx, action, reason, target, details } of events)
          await audit.record(tx, {
            ...{ action, reason, target, details, outcome: 'refused', actor: ctx.actor },
            ...{ requestId: ctx.requestId, region: ctx.region, time: ctx.now },
          })
      })
    } catch (error) {
      // Whoever was refused stays refused: that the log can't take it is ours to deal with.
      log.error({ err: error, events: events.length }, 'refusals left no event')
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const counted = [...kinds.values()].filter(({ more }) => more > 0)
    kinds = new Map()
    if (counted.length > 0) writing = writing.then(() => record(counted.map(counting)))
    return writing
  }

  atClose(flush)
  return { note, flush }
}

const counting = ({ who, more, firstAt, ...refused }: Kind) => ({
  ...refused,
  details: { caller: who, further: more, first_at: firstAt.toISOString() },
})

type Details = { [name: string]: string | number }

const keyOf = ({ action, reason, target, who }: Refused & { who: string }) =>
  [action, reason, target.type, target.id, who].join(' ')

const told = new WeakSet<object>()

/** The same error, remembered as one whose refusal stands in the log. */
export function alreadyTold<E extends Error>(error: E): E {
  told.add(error)
  return error
}

export const isTold = (error: unknown) => typeof error === 'object' && error !== null && told.has(error)
