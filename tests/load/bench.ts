/** One benchmark's outcome: ours beside its floor, measured in the same run. */
export type BenchResult = {
  ours: number
  /** The floor's figure in the same unit; null where there is nothing to compare with. */
  floor: number | null
  ratio: number | null
  /** Milliseconds. */
  p50: number
  p95: number
  p99: number
  /** What `ours` and `floor` count, such as "requests/s". */
  unit: string
  /** What is asked for, in words. */
  bar: string
  holds: boolean
  /** What bounds the figure, and figures beside the main one. */
  notes?: Record<string, string | number>
}

/** What a file of this folder exports as `run`. */
export type Bench = (options: { json: boolean }) => Promise<BenchResult>

/** The p-th percentile by nearest rank. @param p 0 to 100 */
export function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
}

/** p50, p95, p99 of durations in milliseconds. */
export function percentiles(durationsMs: number[]): Pick<BenchResult, 'p50' | 'p95' | 'p99'> {
  return {
    p50: percentile(durationsMs, 50),
    p95: percentile(durationsMs, 95),
    p99: percentile(durationsMs, 99),
  }
}
