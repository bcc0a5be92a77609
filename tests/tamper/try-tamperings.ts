import { createRandom } from '../support/random.ts'
import type { Attempt, Target } from './target.ts'

export type KindTally = {
  target: string
  kind: string
  tried: number
  found: number
  /** Of those found: where the verifier broke off. */
  unreadable: number
}

export type TamperReport = {
  tried: number
  found: number
  /** Untouched copies that were verified in between, and how many of them were refused. */
  untouched: number
  falseAlarms: number
  seed: number
  seconds: number
  kinds: KindTally[]
  ok: boolean
}

/** An untouched copy is verified after each this many tamperings. */
const UNTOUCHED_EVERY = 10
/** Where a kind finds nothing to change that often, it can't fail and must not count. */
const MOST_DRAWS = 50

/** Tampers `wanted` times, each kind of each target in turn; the same seed tampers the same. */
export async function tryTamperings(
  targets: readonly Target[],
  wanted: number,
  seed: number,
  onProgress: (tried: number) => void = () => {},
): Promise<TamperReport> {
  const began = performance.now()
  const random = createRandom(seed)
  const cells = targets.flatMap((target) =>
    target.kinds.map((kind) => ({
      target,
      tally: { target: target.name, kind, tried: 0, found: 0, unreadable: 0 },
    })),
  )
  let [untouched, falseAlarms] = [0, 0]
  for (let n = 0; n < wanted; n++) {
    const { target, tally } = cells[n % cells.length]!
    tally.tried += 1
    const { found, unreadable } = await tamperOnce(target, tally.kind, seed, random.below(2 ** 31))
    tally.found += found ? 1 : 0
    tally.unreadable += unreadable ? 1 : 0
    if (n % UNTOUCHED_EVERY === 0) {
      untouched += 1
      falseAlarms += (await random.pick(targets).attempt(null, random)).found ? 1 : 0
    }
    if ((n + 1) % 500 === 0) onProgress(n + 1)
  }
  const kinds = cells.map(({ tally }) => tally)
  const found = kinds.reduce((sum, tally) => sum + tally.found, 0)
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const ok = found === wanted && falseAlarms === 0
  return { tried: wanted, found, untouched, falseAlarms, seed, seconds, kinds, ok }
}

async function tamperOnce(target: Target, kind: string, seed: number, own: number): Promise<Attempt> {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const attempt = await target.attempt(kind, createRandom(own + draw))
    if (attempt.changed) return attempt
  }
  throw new Error(`${target.name}, ${kind}: nothing was changed in ${MOST_DRAWS} draws (seed ${seed})`)
}
