import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOpenMetrics } from '../../../tests/support/open-metrics-reader.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { collectTelemetry } from '../platform/collect-telemetry.ts'
import { METRIC_NAMES, openMetricsName } from '../platform/metrics.ts'

const TOKEN = 'a-token-for-the-scraper'

describe('/metrics', () => {
  let t: TestApp
  let http: TestHttp
  beforeAll(async () => {
    t = await createTestApp({ METRICS_TOKEN: TOKEN })
    http = await serveTestApp(t)
  })
  afterAll(async () => {
    await http.stop()
    await t.stop()
  })

  const scrape = (headers: Record<string, string> = {}) =>
    fetch(`${http.origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } })
  const sampled = async (sample: string, labels: Record<string, string> = {}) => {
    const families = readOpenMetrics(await (await scrape()).text())
    const found = [...families.values()]
      .flatMap(({ samples }) => samples)
      .filter(({ name }) => name === sample)
      .filter((one) => Object.entries(labels).every(([name, value]) => one.labels.get(name) === value))
    expect(found).toHaveLength(1)
    return found[0]!.value
  }

  it('[ASVS-13.4.5] is for those who know the token', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${TOKEN}`]) {
      const answer = await fetch(`${http.origin}/metrics`, { headers: { authorization } })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
    expect((await scrape()).status).toBe(200)
  })

  it('answers in OpenMetrics 1.0 with every declared metric, its unit and its kind [UTM-01]', async () => {
    const answer = await scrape()
    expect(answer.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
    const families = readOpenMetrics(await answer.text())
    expect([...families.keys()]).toEqual(expect.arrayContaining(METRIC_NAMES.map(openMetricsName)))
    expect(families.get('portal_upload_duration_seconds')).toMatchObject({
      type: 'histogram',
      unit: 'seconds',
    })
    expect(families.get('portal_upload_received_bytes')).toMatchObject({ type: 'counter', unit: 'bytes' })
    expect(families.get('portal_dead_letter_depth')).toMatchObject({ type: 'gauge', unit: null })
    expect(families.get('process_resident_memory_bytes')?.samples).toHaveLength(1)
    const older = await scrape({ accept: 'text/plain' })
    expect(older.headers.get('content-type')).toContain('version=0.0.4')
    expect(await older.text()).toContain('# TYPE portal_upload_initiated_total counter\n')
  })

  it('adds up what several processes counted, whichever is asked, and survives each of them [UTM-01]', async () => {
    const before = await sampled('portal_upload_initiated_total')
    const other = collectTelemetry({ pool: t.app.pool, clock: t.app.clock, log: t.app.log })
    t.app.telemetry.add('portal.upload.initiated', {}, 2)
    other.add('portal.upload.initiated', {}, 3)
    t.app.telemetry.observe('portal.upload.duration', { phase: 'total' }, 2)
    other.observe('portal.upload.duration', { phase: 'total' }, 4)
    await Promise.all([other.flush(), t.app.telemetry.flush(), other.flush()])
    expect(await sampled('portal_upload_initiated_total')).toBe(before + 5)
    const name = 'portal_upload_duration_seconds'
    expect(await sampled(`${name}_sum`, { phase: 'total' })).toBe(6)
    expect(await sampled(`${name}_bucket`, { phase: 'total', le: '2.5' })).toBe(1)
    expect(await sampled(`${name}_bucket`, { phase: 'total', le: '5.0' })).toBe(2)
    const { rows } = await t.app.pool.query(
      "select sum from metric_points where metric = 'portal.upload.initiated' and step = 60",
    )
    expect(rows).toEqual([{ sum: before + 5 }])
  })

  it('loses nothing to a database that fails for a while', async () => {
    const before = await sampled('portal_upload_cancelled_total')
    let broken = true
    const pool = {
      connect: () => (broken ? Promise.reject(new Error('gone')) : t.app.pool.connect()),
    } as never
    const telemetry = collectTelemetry({ pool, clock: t.app.clock, log: t.app.log })
    telemetry.add('portal.upload.cancelled', {})
    await telemetry.flush()
    telemetry.add('portal.upload.cancelled', {})
    broken = false
    await telemetry.flush()
    expect(await sampled('portal_upload_cancelled_total')).toBe(before + 2)
  })
})
