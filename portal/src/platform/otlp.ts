import type { Log } from './log.ts'
import { definitionOf, type MetricName } from './metrics.ts'
import { createOutbound } from './outbound.ts'
import { createRecorder, type Delta, type Telemetry } from './telemetry.ts'

export type OtlpOptions = {
  /** Base URL of a collector; metrics go to `/v1/metrics` below it. */
  endpoint: string
  /** `name=value,…`, values percent-encoded: OTEL_EXPORTER_OTLP_HEADERS. A secret. */
  headers?: string | undefined
  intervalMs: number
  /** What names this process among all: service.name, service.instance.id and the like. */
  resource: { [name: string]: string }
  clock: () => Date
  log: Log
  deadlineMs?: number
}

export type OtlpTelemetry = Telemetry & {
  /** Sends all that was counted since the start. Never throws: what was not taken is in the next one. */
  send(): Promise<void>
  stop(): Promise<void>
}

const CUMULATIVE = 2

/**
 * OpenTelemetry's protocol over HTTP, as JSON (OTLP 1.x), for this process alone: its counts since its start. A
 * collector adds processes up by service.instance.id, and a message that is lost costs nothing but time.
 */
export function startOtlp(options: OtlpOptions): OtlpTelemetry {
  const { intervalMs, clock, log, deadlineMs = 10_000 } = options
  const url = `${options.endpoint.replace(/\/$/, '')}/v1/metrics`
  const headers = { ...headersOf(options.headers ?? ''), 'content-type': 'application/json' }
  const outbound = createOutbound({ name: 'The metrics collector', deadlineMs })
  const recorder = createRecorder()
  const totals = new Map<string, Delta>()
  const startedAt = clock()

  async function send(): Promise<void> {
    recorder.giveBack([...totals.values()])
    for (const total of recorder.take()) totals.set(`${total.metric}{${total.series}`, total)
    if (totals.size === 0) return
    const body = JSON.stringify(otlpBody([...totals.values()], options.resource, startedAt, clock()))
    try {
      await outbound(async (signal) => {
        const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal })
        await answer.body?.cancel()
        if (!answer.ok) throw new Error(`answered ${answer.status}`)
      })
    } catch {
      log.warn('the metrics collector did not take the metrics; trying again')
    }
  }
  const timer = setInterval(() => void send(), intervalMs)
  timer.unref()
  return {
    ...{ add: recorder.add, observe: recorder.observe, set: recorder.set, send },
    async stop() {
      clearInterval(timer)
      await send()
    },
  }
}

function headersOf(text: string): { [name: string]: string } {
  const pairs = text.split(',').map((pair) => pair.split(/=(.*)/s))
  return Object.fromEntries(
    pairs.flatMap(([name, value]) =>
      name?.trim() && value !== undefined ? [[name.trim(), decodeURIComponent(value.trim())]] : [],
    ),
  )
}

/** An ExportMetricsServiceRequest; 64-bit numbers are text in OTLP's JSON. */
export function otlpBody(
  totals: readonly Delta[],
  resource: { [name: string]: string },
  startedAt: Date,
  now: Date,
): object {
  const span = { startTimeUnixNano: nanos(startedAt), timeUnixNano: nanos(now) }
  const families = [...Map.groupBy(totals, ({ metric }) => metric)]
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [
          {
            scope: { name: 'motion-mavericks-portal' },
            metrics: families.map(([name, series]) => familyOf(name, series, span)),
          },
        ],
      },
    ],
  }
}

type Span = { startTimeUnixNano: string; timeUnixNano: string }

function familyOf(name: MetricName, series: readonly Delta[], span: Span): object {
  const { kind, unit, help, buckets } = definitionOf(name)
  const common = { name, unit, description: help }
  const plain = series.map(({ labels, sum }) => ({
    ...{ attributes: attributesOf(labels), ...span, asDouble: sum },
  }))
  if (kind === 'gauge') return { ...common, gauge: { dataPoints: plain } }
  if (kind === 'counter')
    return {
      ...common,
      sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: plain },
    }
  const dataPoints = series.map((one) => ({
    ...{ attributes: attributesOf(one.labels), ...span, count: String(one.count), sum: one.sum },
    ...{ bucketCounts: one.buckets?.map(String) ?? [], explicitBounds: buckets ?? [] },
  }))
  return { ...common, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } }
}

const attributesOf = (labels: { readonly [name: string]: string }) =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }))

const nanos = (at: Date) => `${at.getTime()}000000`
