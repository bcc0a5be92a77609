/** Upper ends of the histogram's classes in milliseconds; what is longer is in one class more. */
export const CLASS_ENDS_MS = [
  0, 10, 25, 50, 100, 200, 400, 600, 800, 1000, 2000, 5000, 30_000, 60_000, 120_000, 300_000, 900_000,
]

export type Histogram = {
  count: number
  p50: number | null
  p99: number | null
  max: number | null
  boundMs: number
  /** How many took longer than the bound. */
  beyond: number
  /** From the first class to the last that holds any, and at least to the one of the bound. */
  classes: { upToMs: number | null; count: number; beyond: boolean }[]
}

/** Sorts times into classes; percentiles are times that occurred (nearest rank). Pure. */
export function histogramOf(timesMs: number[], boundMs: number): Histogram {
  const sorted = timesMs.toSorted((a, b) => a - b)
  const rank = (percent: number) =>
    sorted.length === 0 ? null : (sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null)
  const max = sorted.at(-1) ?? null
  const ends = [...CLASS_ENDS_MS, null]
  const shownTo = Math.max(max ?? 0, boundMs)
  const last = ends.findIndex((end) => end === null || end >= shownTo)
  const classes = ends.slice(0, last + 1).map((upToMs, index) => {
    const from = index === 0 ? -1 : (ends[index - 1] as number)
    return {
      upToMs,
      count: sorted.filter((ms) => ms > from && (upToMs === null || ms <= upToMs)).length,
      beyond: from >= boundMs,
    }
  })
  const beyond = sorted.filter((ms) => ms > boundMs).length
  return { count: sorted.length, p50: rank(50), p99: rank(99), max, boundMs, beyond, classes }
}
