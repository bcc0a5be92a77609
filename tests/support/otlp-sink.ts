import { createServer, type IncomingHttpHeaders } from 'node:http'
import { listenOnFreePort } from './listen.ts'

type Attribute = { key: string; value: { stringValue: string } }
type DataPoint = {
  attributes: Attribute[]
  startTimeUnixNano: string
  timeUnixNano: string
  asDouble?: number
  count?: string
  sum?: number
  bucketCounts?: string[]
  explicitBounds?: number[]
}
export type OtlpMetric = {
  name: string
  unit: string
  sum?: { aggregationTemporality: number; isMonotonic: boolean; dataPoints: DataPoint[] }
  gauge?: { dataPoints: DataPoint[] }
  histogram?: { aggregationTemporality: number; dataPoints: DataPoint[] }
}
type Message = {
  resourceMetrics: {
    resource: { attributes: Attribute[] }
    scopeMetrics: { scope: { name: string }; metrics: OtlpMetric[] }[]
  }[]
}

export type OtlpSink = {
  origin: string
  messages: { headers: IncomingHttpHeaders; body: Message }[]
  behave(how: 'take' | 'put_off'): void
  stop(): Promise<void>
}

/** POST /v1/metrics of a collector, OTLP 1.x in JSON; refuses what its schema does not know, as one would. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const messages: OtlpSink['messages'] = []
  let how: 'take' | 'put_off' = 'take'
  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const send = (status: number, body: object) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (how === 'put_off') return send(503, { code: 14, message: 'later' })
    if (req.method !== 'POST' || req.url !== '/v1/metrics') return send(404, {})
    const body = JSON.parse(text) as Message
    const fault = faultOf(body)
    if (fault) return send(400, { code: 3, message: fault })
    messages.push({ headers: req.headers, body })
    send(200, { partialSuccess: {} })
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    origin,
    messages,
    behave: (next) => {
      how = next
    },
    stop,
  }
}

function faultOf({ resourceMetrics }: Message): string | null {
  for (const metric of resourceMetrics.flatMap((one) => one.scopeMetrics.flatMap(({ metrics }) => metrics))) {
    const data = [metric.sum, metric.gauge, metric.histogram].filter(Boolean)
    if (data.length !== 1) return `${metric.name}: not exactly one kind`
    for (const point of data[0]!.dataPoints) {
      if (!/^\d{19}$/.test(point.timeUnixNano)) return `${metric.name}: time`
      if (metric.histogram) {
        const { bucketCounts = [], explicitBounds = [], count } = point
        if (bucketCounts.length !== explicitBounds.length + 1) return `${metric.name}: buckets`
        if (String(bucketCounts.reduce((sum, n) => sum + Number(n), 0)) !== count)
          return `${metric.name}: count`
      } else if (typeof point.asDouble !== 'number') return `${metric.name}: value`
    }
  }
  return null
}
