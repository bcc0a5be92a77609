import { createRandom } from '../support/random.ts'

/** One use of the schedule's key: in which round, by which node, of what weight. */
type Arrival = { round: number; node: 0 | 1; cost: number }
export type Schedule = { key: string; burst: number; emissionUs: number; arrivals: Arrival[] }

export const ROUNDS = 3
const MOST_ARRIVALS = 8
const MOST_BURST = 10
/** Neighbouring seeds must not give neighbouring schedules. */
const SPREAD = 0x9e3779b1

/**
 * The n-th random schedule of a seed: a limit, and uses of one key that come together or one after the other, on two
 * nodes. Units come back in 20 µs to 20 ms, so that time matters within a run.
 */
export function scheduleOf(seed: number, n: number): Schedule {
  const { below } = createRandom(seed + Math.imul(n, SPREAD))
  const burst = 1 + below(MOST_BURST)
  return {
    key: `schedule:${seed}:${n}`,
    burst,
    emissionUs: Math.round(20 * 1000 ** (below(1000) / 1000)),
    arrivals: Array.from({ length: 1 + below(MOST_ARRIVALS) }, () => ({
      round: below(ROUNDS),
      node: below(2) === 0 ? 0 : 1,
      cost: below(10) < 7 ? 1 : 1 + below(burst),
    })),
  }
}
