/** How long something took before, in seconds, and how much of it there was. */
export type Past = { seconds: number; scale: number }

/** Fewer tell nothing; then the least bound holds, and a generous rate. */
const ENOUGH = 20
const QUANTILE = 0.99
/** Of what nearly all took before. */
const TIMES = 2
/** Nothing is called late sooner than this, however fast it always was. */
export const LEAST_SECONDS = 600
const UNTRIED_SECONDS = 3600

/**
 * Seconds after which something of this scale is late against its own history: twice what ninety-nine of a hundred
 * took in relation to their scale. What is smaller than usual is judged as if it were usual, for its fixed costs.
 * Without enough of a history, an hour for the usual and more for what is larger. Pure.
 * @param scale in any unit, such as bytes; 1 where nothing depends on it
 */
export function lateAfterSeconds(history: readonly Past[], scale: number): number {
  const usual = Math.max(
    quantile(
      history.map((past) => past.scale),
      0.5,
    ) ?? scale,
    Number.MIN_VALUE,
  )
  const relative = (of: number) => Math.max(of / usual, 1)
  if (history.length < ENOUGH) return UNTRIED_SECONDS * (history.length === 0 ? 1 : relative(scale))
  const rate = quantile(
    history.map((past) => past.seconds / relative(past.scale)),
    QUANTILE,
  )
  return Math.max(LEAST_SECONDS, TIMES * (rate ?? 0) * relative(scale))
}

/** A value that occurred (nearest rank); null of nothing. */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null
}
