import {
  type CounterName,
  definitionOf,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from './metrics.ts'

/** Counting, from anywhere, without waiting: in memory, written down every few seconds. Never throws. */
export type Telemetry = {
  add<M extends CounterName>(metric: M, labels: LabelsOf<M>, value?: number): void
  /** One measurement, in the metric's unit. */
  observe<M extends HistogramName>(metric: M, labels: LabelsOf<M>, value: number): void
  /** What is so now; the last word of any process holds. */
  set<M extends GaugeName>(metric: M, labels: LabelsOf<M>, value: number): void
}

/** What was counted in one series since the last time it was taken. */
export type Delta = {
  metric: MetricName
  /** `name=value` of each label, sorted, joined by commas: the series' identity. */
  series: string
  labels: { [name: string]: string }
  /** Counters: the sum alone. Histograms: measurements, their sum, and how many fell into each bucket (last: above all). */
  count: number
  sum: number
  buckets: number[] | null
}

export type Recorder = Telemetry & {
  /** Takes what was counted since the last time. */
  take(): Delta[]
  /** Gives back what could not be written down. */
  giveBack(deltas: readonly Delta[]): void
}

/** Series of one metric that a process tells apart; what comes after is counted under `other`. */
const MOST_SERIES = 100
const OTHER = 'other'
/** No address, no name, no token looks like this. */
const VALUE = /^[a-zA-Z0-9_.:/-]{1,48}$/

export function createRecorder(): Recorder {
  let deltas = new Map<string, Delta>()
  const known = new Map<MetricName, Set<string>>()

  function deltaOf(metric: MetricName, labels: { readonly [name: string]: string }): Delta {
    const { series, labels: safe } = admitSeries(known, metric, labels)
    const key = `${metric}{${series}`
    const existing = deltas.get(key)
    if (existing) return existing
    const { buckets } = definitionOf(metric)
    const bounds = buckets ? new Array<number>(buckets.length + 1).fill(0) : null
    const delta: Delta = { metric, series, labels: safe, count: 0, sum: 0, buckets: bounds }
    deltas.set(key, delta)
    return delta
  }

  return {
    add(metric, labels, value = 1) {
      if (!(value > 0) || !Number.isFinite(value)) return
      deltaOf(metric, labels).sum += value
    },
    observe(metric, labels, value) {
      if (!Number.isFinite(value)) return
      const measured = Math.max(0, value)
      const delta = deltaOf(metric, labels)
      delta.count += 1
      delta.sum += measured
      const bounds = definitionOf(metric).buckets ?? []
      const at = bounds.findIndex((bound) => measured <= bound)
      if (delta.buckets) delta.buckets[at < 0 ? bounds.length : at]! += 1
    },
    set(metric, labels, value) {
      if (Number.isFinite(value)) deltaOf(metric, labels).sum = value
    },
    take() {
      const taken = [...deltas.values()]
      deltas = new Map()
      return taken
    },
    giveBack(returned) {
      for (const old of returned) {
        const key = `${old.metric}{${old.series}`
        const newer = deltas.get(key)
        deltas.set(key, newer ? merge(old, newer) : old)
      }
    },
  }
}

function merge(old: Delta, newer: Delta): Delta {
  if (definitionOf(old.metric).kind === 'gauge') return newer
  return {
    ...newer,
    count: old.count + newer.count,
    sum: old.sum + newer.sum,
    buckets: newer.buckets?.map((n, at) => n + (old.buckets?.[at] ?? 0)) ?? null,
  }
}

/** The declared labels alone, each with a value that may be kept; past the bound, `other` takes the place. */
function admitSeries(
  known: Map<MetricName, Set<string>>,
  metric: MetricName,
  labels: { readonly [name: string]: string },
): { series: string; labels: { [name: string]: string } } {
  const declared = Object.entries(definitionOf(metric).labels)
  const safe = Object.fromEntries(declared.map(([name, values]) => [name, admitValue(values, labels[name])]))
  const series = seriesOf(safe)
  const seen = known.get(metric) ?? new Set()
  known.set(metric, seen)
  if (!seen.has(series) && seen.size >= MOST_SERIES) {
    const rest = Object.fromEntries(
      declared.map(([name, values]) => [name, values === 'any' ? OTHER : safe[name]!]),
    )
    return { series: seriesOf(rest), labels: rest }
  }
  seen.add(series)
  return { series, labels: safe }
}

function admitValue(values: readonly string[] | 'any', value: string | undefined): string {
  if (value === undefined) return OTHER
  if (values !== 'any') return values.includes(value) ? value : OTHER
  return VALUE.test(value) ? value : OTHER
}

/** Names a series by its labels, whatever their order. */
export function seriesOf(labels: { readonly [name: string]: string }): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',')
}

/** Keeps what a transaction counts until it has committed: what is rolled back did not happen. */
export function deferTelemetry(target: Telemetry): { telemetry: Telemetry; commit(): void } {
  const waiting: (() => void)[] = []
  return {
    telemetry: {
      add: (...args) => void waiting.push(() => target.add(...args)),
      observe: (...args) => void waiting.push(() => target.observe(...args)),
      set: (...args) => void waiting.push(() => target.set(...args)),
    },
    commit() {
      for (const tell of waiting) tell()
    },
  }
}
