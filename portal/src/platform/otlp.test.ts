import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OtlpMetric, type OtlpSink, startOtlpSink } from '../../../tests/support/otlp-sink.ts'
import { startOtlp } from './otlp.ts'

const lines: string[] = []
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })

describe('metrics to a collector', () => {
  let sink: OtlpSink
  beforeAll(async () => {
    sink = await startOtlpSink()
  })
  afterAll(() => sink.stop())

  const metricsOf = (n: number): OtlpMetric[] =>
    sink.messages[n]!.body.resourceMetrics[0]!.scopeMetrics[0]!.metrics

  it('are cumulative, with their units, resource and headers, and lose nothing to one that fails [UTM-01]', async () => {
    const otlp = startOtlp({
      endpoint: `${sink.origin}/`,
      headers: 'authorization=Bearer%20a-secret, x-tenant=north',
      intervalMs: 3_600_000,
      resource: { 'service.name': 'portal', 'service.instance.id': 'one' },
      clock: () => new Date('2026-11-21T10:00:00Z'),
      log,
    })
    otlp.add('portal.upload.failed', { reason: 'cut_short' }, 2)
    otlp.observe('portal.upload.duration', { phase: 'total' }, 2)
    otlp.set('portal.dead_letter.depth', {}, 4)
    await otlp.send()
    const [{ headers, body }] = sink.messages as [OtlpSink['messages'][number]]
    expect(headers).toMatchObject({ authorization: 'Bearer a-secret', 'x-tenant': 'north' })
    expect(body.resourceMetrics[0]!.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'portal' },
    })
    expect(metricsOf(0)).toMatchObject([
      {
        name: 'portal.upload.failed',
        unit: '{upload}',
        sum: {
          aggregationTemporality: 2,
          isMonotonic: true,
          dataPoints: [{ asDouble: 2, attributes: [{ key: 'reason', value: { stringValue: 'cut_short' } }] }],
        },
      },
      { name: 'portal.upload.duration', unit: 's', histogram: { dataPoints: [{ count: '1', sum: 2 }] } },
      { name: 'portal.dead_letter.depth', gauge: { dataPoints: [{ asDouble: 4 }] } },
    ])

    sink.behave('put_off')
    otlp.add('portal.upload.failed', { reason: 'cut_short' })
    await otlp.send()
    sink.behave('take')
    otlp.set('portal.dead_letter.depth', {}, 1)
    await otlp.stop()
    expect(sink.messages).toHaveLength(2)
    const failed = metricsOf(1).find(({ name }) => name === 'portal.upload.failed')
    expect(failed?.sum?.dataPoints[0]?.asDouble).toBe(3)
    const depth = metricsOf(1).find(({ name }) => name === 'portal.dead_letter.depth')
    expect(depth?.gauge?.dataPoints[0]?.asDouble).toBe(1)
    expect(lines.join()).toContain('did not take')
    expect(lines.join()).not.toContain('a-secret')
  })
})
