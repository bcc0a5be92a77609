import {
  definitionOf,
  METRIC_NAMES,
  type MetricName,
  openMetricsLabel,
  openMetricsName,
  openMetricsUnit,
} from './metrics.ts'
import { seriesOf } from './telemetry.ts'
import type { Total } from './telemetry-store.ts'

/** OpenMetrics 1.0, and the older text format of Prometheus, in which a counter's family bears its `_total`. */
export type MetricsFormat = 'openmetrics' | 'text'

export const CONTENT_TYPES: { [F in MetricsFormat]: string } = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
}

/**
 * All totals as text, without the end mark. A series that is known beforehand and was never counted is there with zero:
 * nothing counted can be told from nothing known.
 */
export function renderTotals(totals: readonly Total[], format: MetricsFormat): string {
  return METRIC_NAMES.map((name) => {
    const own = totals.filter(({ metric }) => metric === name)
    const counted = new Set(own.map(({ labels }) => seriesOf(labels)))
    const never = zerosOf(name).filter(({ labels }) => !counted.has(seriesOf(labels)))
    return renderFamily(name, [...own, ...never], format)
  }).join('')
}

/** Every series whose labels are all known beforehand. */
function zerosOf(metric: MetricName): Total[] {
  const { labels, buckets } = definitionOf(metric)
  const zero = { metric, count: 0, sum: 0, buckets: buckets ? [...buckets, 0].map(() => 0) : null }
  let series: { [name: string]: string }[] = [{}]
  for (const [name, values] of Object.entries(labels)) {
    if (values === 'any') return []
    series = series.flatMap((before) => values.map((value) => ({ ...before, [name]: value })))
  }
  return series.map((own) => ({ ...zero, labels: own }))
}

function renderFamily(name: MetricName, totals: readonly Total[], format: MetricsFormat): string {
  const { kind, help } = definitionOf(name)
  const base = openMetricsName(name)
  const family = kind === 'counter' && format === 'text' ? `${base}_total` : base
  const unit = openMetricsUnit(name)
  const head = [
    `# HELP ${family} ${escapeText(help)}`,
    `# TYPE ${family} ${kind}`,
    ...(unit && format === 'openmetrics' ? [`# UNIT ${family} ${unit}`] : []),
  ]
  const lines = totals.flatMap((total) => {
    if (kind === 'histogram') return histogramLines(base, total)
    return [`${kind === 'counter' ? `${base}_total` : base}${labelled(total.labels)} ${floating(total.sum)}`]
  })
  return `${[...head, ...lines].join('\n')}\n`
}

function histogramLines(name: string, { metric, labels, count, sum, buckets }: Total): string[] {
  let below = 0
  const bounds = [...(definitionOf(metric).buckets ?? []).map(floating), '+Inf']
  return [
    ...bounds.map((le, at) => {
      below += buckets?.[at] ?? 0
      return `${name}_bucket${labelled({ ...labels, le })} ${below}`
    }),
    `${name}_count${labelled(labels)} ${count}`,
    `${name}_sum${labelled(labels)} ${floating(sum)}`,
  ]
}

function labelled(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${openMetricsLabel(name)}="${escapeText(value).replaceAll('"', '\\"')}"`,
  )
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

/** "1" is written 1.0: the same number has one spelling. */
function floating(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value)
}

const escapeText = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
