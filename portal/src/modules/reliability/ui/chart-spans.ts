import type { TelemetryView } from '../answers.ts'

export type ChartLine = {
  /** What the legend and the table say. */
  name: string
  metric: string
  /** Only series with these labels; all of the metric are added up. */
  labels?: Record<string, string>
  value: 'sum' | 'p50' | 'p95'
  /** How a span looks in which nothing was said: nothing happened, the same goes on, or it is not known. */
  gap: 'zero' | 'same' | 'unknown'
  look: 'ink' | 'faint' | 'stop'
  /** The figure is shown in another unit: divided by this. */
  per?: number
}

export type ChartRow = { at: number; values: (number | null)[] }

/** One row a span of the range, whether or not anything was counted in it. Pure. */
export function rowsOf(view: TelemetryView, lines: readonly ChartLine[]): ChartRow[] {
  const step = view.spanSeconds * 1000
  const [from, until] = [Date.parse(view.from), Date.parse(view.until)]
  const spans = Array.from({ length: Math.round((until - from) / step) }, (_, n) => from + n * step)
  const columns = lines.map((line) => columnOf(view, line, spans))
  return spans.map((at, n) => ({ at, values: columns.map((column) => column[n] ?? null) }))
}

function columnOf(view: TelemetryView, line: ChartLine, spans: readonly number[]): (number | null)[] {
  const wanted = Object.entries(line.labels ?? {})
  const known = new Map<number, number>()
  for (const series of view.series) {
    if (series.metric !== line.metric || wanted.some(([name, value]) => series.labels[name] !== value))
      continue
    for (const point of series.points) {
      const value = point[line.value]
      const at = Date.parse(point.at)
      if (value !== null) known.set(at, (known.get(at) ?? 0) + value / (line.per ?? 1))
    }
  }
  let last: number | null = null
  return spans.map((at, n) => {
    // The newest span has only begun: that nothing was counted in it yet is no fall to zero.
    const begins = n === spans.length - 1
    last = known.get(at) ?? (line.gap === 'same' ? last : line.gap === 'zero' && !begins ? 0 : null)
    return last
  })
}

/** What one label of a metric tells apart, largest first. Pure. */
export function totalsBy(view: TelemetryView, metric: string, label: string): [string, number][] {
  const totals = new Map<string, number>()
  for (const series of view.series.filter((one) => one.metric === metric)) {
    const name = series.labels[label] ?? 'other'
    totals.set(name, (totals.get(name) ?? 0) + series.points.reduce((sum, { sum: n }) => sum + n, 0))
  }
  return [...totals].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1])
}

/** What a metric adds up to over the range, over all of its series with these labels. Pure. */
export function totalOf(view: TelemetryView, metric: string, labels: Record<string, string> = {}): number {
  return view.series
    .filter((one) => one.metric === metric)
    .filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
    .flatMap(({ points }) => points)
    .reduce((sum, point) => sum + point.sum, 0)
}

/** The last word of a gauge in the range; null for none. Pure. */
export function latestOf(view: TelemetryView, metric: string): number | null {
  return view.series.find((one) => one.metric === metric)?.points.at(-1)?.sum ?? null
}
