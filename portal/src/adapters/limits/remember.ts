import { admits, type LimitStore, roomUs, standingOf } from './gcra.ts'
import type { LimitsPort, LimitUse, LimitVerdict } from './port.ts'

const MOST_KEYS = 50_000

/**
 * A store with what this process itself knows each key to owe, by a clock that nobody can set. It only ever makes the
 * verdict stricter by what was really admitted: what is certain to be refused costs no trip to the store, and a store that
 * was restarted empty or whose clock leapt ahead does not give everybody a new burst.
 */
export function remembering(
  store: LimitStore,
  nowUs = () => Math.floor(performance.now() * 1000),
): LimitsPort {
  const owed = new Map<string, number>()

  function remember(key: string, untilUs: number): void {
    const known = owed.get(key)
    // Met again, a key becomes the youngest: the oldest is the first to be forgotten.
    if (known !== undefined) owed.delete(key)
    owed.set(key, Math.max(known ?? 0, untilUs))
    if (owed.size > MOST_KEYS) owed.delete(owed.keys().next().value as string)
  }

  store.follow?.(() => {
    const now = nowUs()
    return [...owed].flatMap(([key, untilUs]) => (untilUs > now ? [[key, untilUs - now] as const] : []))
  })

  const verdict = (
    uses: readonly LimitUse[],
    { admitted, atUs, debtsUs }: { admitted: boolean; atUs: number; debtsUs: readonly number[] },
  ): LimitVerdict => ({
    admitted,
    atUs,
    standings: uses.map((use, n) =>
      standingOf(debtsUs[n] ?? 0, use, admitted || admits(debtsUs[n] ?? 0, use)),
    ),
  })

  return {
    async take(uses) {
      const askedUs = nowUs()
      const floors = uses.map((use) => Math.min(roomUs(use), Math.max(0, (owed.get(use.key) ?? 0) - askedUs)))
      if (uses.some((use, n) => !admits(floors[n] as number, use)))
        return verdict(uses, { admitted: false, atUs: askedUs, debtsUs: floors })
      const judged = await store.take(uses, floors)
      // Counted from before the trip: what is remembered is never more than what is owed.
      judged.debtsUs.forEach((debt, n) => void remember((uses[n] as LimitUse).key, askedUs + debt))
      return verdict(uses, judged)
    },
    stop: () => store.stop(),
  }
}
