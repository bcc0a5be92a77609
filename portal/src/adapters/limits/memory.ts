import { admits, costUs, type Judged, type LimitStore, roomUs } from './gcra.ts'
import type { LimitUse } from './port.ts'

const MOST_KEYS = 1_000_000
const SWEEP_EVERY = 10_000

export type MemoryStore = LimitStore & {
  /** Takes over what a key is known to owe. */
  owe(key: string, debtUs: number): void
}

/** Counts inside this process, by a clock that nobody can set: for a portal of one process. */
export function createMemoryStore(nowUs = () => Math.round(performance.now() * 1000)): MemoryStore {
  const arrivals = new Map<string, number>()
  let untilSweep = SWEEP_EVERY

  function sweep(at: number): void {
    untilSweep = SWEEP_EVERY
    for (const [key, arrival] of arrivals) if (arrival <= at) arrivals.delete(key)
    // What still owes can't be forgotten: refusing to count is the caller's to judge.
    if (arrivals.size >= MOST_KEYS) throw new Error('the limit store is full')
  }

  function judge(uses: readonly LimitUse[], floorsUs: readonly number[]): Judged {
    const atUs = nowUs()
    if (--untilSweep <= 0) sweep(atUs)
    const debts = uses.map((use, n) => {
      const owed = Math.max(0, (arrivals.get(use.key) ?? 0) - atUs, floorsUs[n] ?? 0)
      return Math.min(roomUs(use), owed)
    })
    const admitted = uses.every((use, n) => admits(debts[n] as number, use))
    const debtsUs = admitted ? uses.map((use, n) => (debts[n] as number) + costUs(use)) : debts
    // Kept where it is refused too: more than the room, from a clock that was put back, is forgotten for good.
    uses.forEach(({ key }, n) => void arrivals.set(key, atUs + (debtsUs[n] as number)))
    return { admitted, atUs, debtsUs }
  }

  return {
    take: async (uses, floorsUs) => judge(uses, floorsUs),
    owe: (key, debtUs) => void arrivals.set(key, Math.max(arrivals.get(key) ?? 0, nowUs() + debtUs)),
    stop: async () => {},
  }
}
