import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '#portal/platform/log.ts'
import { repeat } from '#portal/platform/repeat.ts'
import type { Debt, Judged } from './gcra.ts'
import type { LimitUse } from './port.ts'

/** For so long after a store began anew nothing is admitted: every process tells what it knows to be owed. */
export const GRACE_MS = 3000
const LOOK_EVERY_MS = 500
/** A check waits so long for a young epoch, and a trip may take so long. */
export const DEADLINE_MS = 1000
/** By so much more than a trip's deadline a clock must be off to have leapt; less is not told from a slow trip. */
const TOLERANCE_US = 1_500_000
/** Two clocks drift apart by at most this part of the time since they were compared. */
const DRIFT = 0.001
const MOST_IN_A_TELLING = 1000
const MOST_TRIPS = 5

export type Check = { uses: readonly LimitUse[]; floorsUs: readonly number[] }
/** What the asking process takes for true: the epoch, and within which span the store's clock must be. */
export type Belief = { epoch: number; fromUs: number; toUs: number; renew: boolean }
/** Only `judged` has counted anything. */
export type Answer = {
  state: 'judged' | 'other' | 'doubt' | 'young'
  /** When the store began, by its own clock. */
  epoch: number
  atUs: number
  judged: Judged[]
}

/** A server that several processes count in. */
export type SharedStore = {
  judge(checks: readonly Check[], belief: Belief): Promise<Answer>
  /** Takes over what keys owe at least, in that epoch alone. Keys come sorted. */
  tell(debts: readonly Debt[], epoch: number): Promise<void>
  stop(): Promise<void>
}

type Anchor = { storeUs: number; askedUs: number; answeredUs: number }

/**
 * Counts in a shared store and notices when it can't be trusted: it lost what it knew, or its clock is not where this
 * process's own, which nobody can set, says it must be. Then an epoch begins: all processes tell what they know to be owed,
 * and until they can have done so, nothing is admitted by any of them.
 */
export function trusting(
  store: SharedStore,
  { log, nowUs = ownClockUs }: { log: Log; nowUs?: () => number },
) {
  let epoch = 0
  let anchor: Anchor | null = null
  let owedNow: () => Debt[] = () => []
  let adopting: Promise<void> | null = null

  function belief(renew: boolean): Belief {
    if (!anchor) return { epoch, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER, renew }
    const now = nowUs()
    const offUs = Math.round(TOLERANCE_US + DRIFT * (now - anchor.askedUs))
    return {
      ...{ epoch, renew },
      fromUs: anchor.storeUs + (now - anchor.answeredUs) - offUs,
      toUs: anchor.storeUs + (now - anchor.askedUs) + offUs,
    }
  }

  async function trip(checks: readonly Check[], renew: boolean): Promise<Answer> {
    const askedUs = nowUs()
    const answer = await store.judge(checks, belief(renew))
    // A reading of the clock that took longer says less than the one before.
    if (answer.state === 'judged' && nowUs() - askedUs < TOLERANCE_US / 5)
      anchor = { storeUs: answer.atUs, askedUs, answeredUs: nowUs() }
    if (answer.state === 'other') {
      adopting ??= adopt(answer, askedUs).finally(() => {
        adopting = null
      })
      await adopting
    }
    return answer
  }

  /** Nobody is admitted by this process before all that it knows is told. */
  async function adopt(answer: Answer, askedUs: number): Promise<void> {
    const answeredUs = nowUs()
    const debts = owedNow().toSorted(([a], [b]) => (a < b ? -1 : 1))
    if (epoch !== 0) log.warn({ keys: debts.length }, 'the limit store began anew: it is told what is owed')
    for (let n = 0; n < debts.length; n += MOST_IN_A_TELLING)
      await store.tell(debts.slice(n, n + MOST_IN_A_TELLING), answer.epoch)
    epoch = answer.epoch
    anchor = { storeUs: answer.atUs, askedUs, answeredUs }
  }

  async function take(checks: readonly Check[]): Promise<Judged[]> {
    const until = nowUs() + DEADLINE_MS * 1000
    for (let n = 0, renew = false; n < MOST_TRIPS; n += 1) {
      const { state, judged, atUs, epoch: born } = await trip(checks, renew)
      if (state === 'judged') return judged
      renew = state === 'doubt'
      const waitMs = state === 'young' ? Math.max(1, GRACE_MS - (atUs - born) / 1000) : 0
      if (nowUs() + waitMs * 1000 > until) break
      if (waitMs > 0) await delay(waitMs)
    }
    throw new Error('the limit store began anew: what is owed is being told')
  }

  // Who asks nothing must hear of a new epoch too, before it is old enough to be believed.
  const looking = repeat(
    LOOK_EVERY_MS,
    async () => {
      if ((await trip([], false)).state === 'doubt') await trip([], true)
    },
    (error) => log.debug({ err: error }, 'the limit store does not answer'),
  )
  // At once: where the store is new, its grace is nearly over by the time that requests come.
  looking.start(0)

  return {
    take,
    follow(owed: () => Debt[]): void {
      owedNow = owed
    },
    async stop(): Promise<void> {
      await looking.stop()
      await store.stop()
    },
  }
}

const ownClockUs = () => Math.floor(performance.now() * 1000)
