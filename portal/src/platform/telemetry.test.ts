import { describe, expect, it } from 'vitest'
import { definitionOf, METRIC_NAMES, openMetricsLabel, openMetricsName } from './metrics.ts'
import { createRecorder, deferTelemetry } from './telemetry.ts'

describe('the list of metrics', () => {
  it('has names that OpenTelemetry and OpenMetrics admit, units in one place, and a control for each [UTM-01]', () => {
    for (const name of METRIC_NAMES) {
      const { kind, unit, labels, buckets, controls } = definitionOf(name)
      expect(name).toMatch(/^[a-z]+(\.[a-z_]+)+$/)
      expect(openMetricsName(name)).toMatch(/^[a-z_]+$/)
      expect(openMetricsName(name)).not.toMatch(/_(total|count|sum|bucket|info|created)$/)
      if (unit === 's') expect(openMetricsName(name)).toMatch(/_seconds$/)
      for (const label of Object.keys(labels)) expect(openMetricsLabel(label)).toMatch(/^[a-z_]+$/)
      expect(Boolean(buckets)).toBe(kind === 'histogram')
      expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b))
      expect(controls.length).toBeGreaterThan(0)
    }
    expect(new Set(METRIC_NAMES.map(openMetricsName)).size).toBe(METRIC_NAMES.length)
  })
})

describe('counting', () => {
  it('sums counters, sorts measurements into buckets, and gives each delta once', () => {
    const recorder = createRecorder()
    recorder.add('portal.upload.initiated', {})
    recorder.add('portal.upload.initiated', {}, 2)
    recorder.observe('portal.upload.duration', { phase: 'total' }, 0.5)
    recorder.observe('portal.upload.duration', { phase: 'total' }, 1e9)
    const [uploads, duration] = recorder.take()
    expect(uploads).toMatchObject({ metric: 'portal.upload.initiated', series: '', sum: 3 })
    expect(duration).toMatchObject({ series: 'phase=total', count: 2, sum: 1e9 + 0.5 })
    expect(duration?.buckets).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    expect(recorder.take()).toEqual([])
  })

  it('puts back what was not written down, without losing what came since', () => {
    const recorder = createRecorder()
    recorder.observe('portal.job.duration', { job: 'a', outcome: 'done' }, 1)
    recorder.set('portal.dead_letter.depth', {}, 5)
    const taken = recorder.take()
    recorder.observe('portal.job.duration', { job: 'a', outcome: 'done' }, 2)
    recorder.set('portal.dead_letter.depth', {}, 1)
    recorder.giveBack(taken)
    const again = recorder.take()
    expect(again.find((d) => d.metric === 'portal.job.duration')).toMatchObject({ count: 2, sum: 3 })
    expect(again.find((d) => d.metric === 'portal.dead_letter.depth')).toMatchObject({ sum: 1 })
  })

  it('keeps addresses and tokens out of labels, and bounds how many series there are [UTM-04]', () => {
    const recorder = createRecorder()
    recorder.add('portal.webhook.rejected', { reason: 'viewer@example.com' })
    recorder.add('portal.webhook.rejected', { reason: 'x'.repeat(200) })
    for (let n = 0; n < 1000; n += 1) recorder.add('portal.webhook.rejected', { reason: `r${n}` })
    recorder.add('portal.dashboard.checks', { outcome: 'sideways' as 'up' })
    const taken = recorder.take()
    const reasons = taken.filter((d) => d.metric === 'portal.webhook.rejected')
    expect(reasons).toHaveLength(100)
    expect(reasons.reduce((sum, d) => sum + d.sum, 0)).toBe(1002)
    expect(JSON.stringify(taken)).not.toMatch(/viewer@|xxxx|sideways/)
  })

  it('counts in a transaction only what is committed', () => {
    const recorder = createRecorder()
    deferTelemetry(recorder).telemetry.add('portal.upload.initiated', {})
    expect(recorder.take()).toEqual([])
    const committed = deferTelemetry(recorder)
    committed.telemetry.add('portal.upload.initiated', {})
    committed.commit()
    expect(recorder.take()).toHaveLength(1)
  })
})
