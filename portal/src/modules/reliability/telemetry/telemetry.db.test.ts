import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { ANONYMOUS } from '../../../platform/context.ts'
import { longestPauseMinutes } from '../../../platform/cron-pause.ts'
import { cancelUpload } from '../../uploads/cancel-upload.ts'
import { startUpload } from '../../uploads/start-upload.ts'
import { receiveWebhook } from '../../webhooks/receive-webhook.ts'
import { checkTelemetry } from './check-telemetry.ts'
import { downloadTelemetryExport, exportTelemetry, listTelemetryExports } from './export-telemetry.ts'
import { watchSilence } from './find-silence.ts'
import { readTelemetry } from './read-telemetry.ts'
import { tendTelemetry } from './tend-telemetry.ts'
import { applyVerdicts } from './watch-metrics.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let t: TestApp
beforeEach(async () => {
  t = await createTestApp()
})
afterEach(() => t.stop())

const system = () => t.app.newContext({ kind: 'system', id: 'test' })
const compliance = async () => t.app.newContext(await t.person('admin', { groups: ['compliance'] }))
const tend = async () => {
  const ctx = system()
  const signal = new AbortController().signal
  await tendTelemetry.run({ app: t.app, input: {}, ctx, signal, attempt: 1, maxAttempts: 1 })
}
const openAlerts = async () =>
  (await t.app.pool.query('select key from alerts where resolved_at is null order by key')).rows.map(
    ({ key }) => key,
  )

/** What one metric adds up to over a range. */
async function total(range: '1h' | '24h' | '7d' | '30d' | '180d', metric: string) {
  const view = await t.app.call(readTelemetry, { range }, system())
  return view.series
    .filter((series) => series.metric === metric)
    .flatMap(({ points }) => points)
    .reduce((sum, point) => sum + point.sum, 0)
}

describe('what was counted', () => {
  it('is read in spans with quantiles, in every range, and is the same before and after minutes become hours [UTM-01]', async () => {
    for (let n = 0; n < 3; n += 1) {
      t.app.telemetry.add('portal.upload.initiated', {}, 2)
      t.app.telemetry.observe('portal.upload.duration', { phase: 'total' }, 2)
      t.app.telemetry.set('portal.dead_letter.depth', {}, n)
      await t.app.telemetry.flush()
      t.advance(10 * MINUTE)
    }
    const view = await t.app.call(readTelemetry, { range: '1h' }, system())
    expect(view.spanSeconds).toBe(60)
    const duration = view.series.find(({ metric }) => metric === 'portal.upload.duration')
    expect(duration).toMatchObject({ labels: { phase: 'total' } })
    expect(duration?.points).toMatchObject([{ count: 1, sum: 2, p50: 1.75 }, { count: 1 }, { count: 1 }])
    const depth = view.series.find(({ metric }) => metric === 'portal.dead_letter.depth')
    expect(depth?.points.map(({ sum }) => sum)).toEqual([0, 1, 2])

    const before = await Promise.all(
      (['1h', '24h', '7d', '30d', '180d'] as const).map((range) => total(range, 'portal.upload.initiated')),
    )
    expect(before).toEqual([6, 6, 6, 6, 6])
    t.advance(HOUR)
    await tend()
    await tend()
    t.app.telemetry.add('portal.upload.initiated', {}, 1)
    await t.app.telemetry.flush()
    for (const range of ['24h', '7d', '30d', '180d'] as const)
      expect([range, await total(range, 'portal.upload.initiated')]).toEqual([range, 7])
  })

  it('is kept 180 days, by minutes for eight of them [UTM-05]', async () => {
    t.app.telemetry.add('portal.upload.initiated', {})
    await t.app.telemetry.flush()
    const left = async () =>
      (await t.app.pool.query('select step from metric_points order by step')).rows.map(({ step }) => step)
    t.advance(2 * HOUR)
    await tend()
    expect(await left()).toEqual([60, 3600])
    t.advance(9 * DAY)
    await tend()
    expect(await left()).toEqual([3600])
    t.advance(170 * DAY)
    await tend()
    expect(await left()).toEqual([3600])
    t.advance(2 * DAY)
    await tend()
    expect(await left()).toEqual([])
  })

  it('is compared with the tables; beyond two per cent, or older than a minute, it does not pass [UTM-04]', async () => {
    const check = () => t.app.call(checkTelemetry, {}, system())
    const owner = await t.person('agency')
    t.app.telemetry.add('portal.mail.sent', { outcome: 'sent' })
    await t.app.telemetry.flush()
    t.advance(MINUTE)
    const insert = async (n: number) => {
      for (let i = 0; i < n; i += 1)
        await t.app.pool.query(
          `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at)
           values (gen_random_uuid()::text, 'mux', 'video.asset.ready', 'asset', 'a', '{}', $1, $1)`,
          [t.app.clock()],
        )
    }
    await insert(50)
    t.app.telemetry.add('portal.webhook.verified', { sighting: 'new' }, 50)
    t.app.telemetry.add('portal.webhook.verified', { sighting: 'repeat' }, 9)
    expect(await check()).toMatchObject({ ok: true, staleSeconds: 0 })
    await insert(1)
    expect(await check()).toMatchObject({ ok: true })
    await insert(1)
    const off = await check()
    expect(off.ok).toBe(false)
    expect(off.metrics.filter(({ ok }) => !ok)).toMatchObject([
      { metric: 'portal.webhook.verified', counted: 50, database: 52 },
    ])
    expect(owner.role).toBe('agency')
  })
})

it('agrees with the tables after real uploads, real webhooks and forged ones [UTM-01] [UTM-02] [UTM-04]', async () => {
  const owner = t.app.newContext(await t.person('agency'))
  const file = { filename: 'start.mp4', contentType: 'video/mp4', size: 1000 }
  const begun = []
  for (let n = 0; n < 4; n += 1) begun.push(await t.app.call(startUpload, file, owner))
  await t.app.call(cancelUpload, { id: begun[0]!.id }, owner)
  const anyone = t.app.newContext(ANONYMOUS)
  const send = (text: string, signature: string | null) => {
    const body = new TextEncoder().encode(text)
    return t.app.call(receiveWebhook, { body, bodyBytes: body.byteLength, signature }, anyone)
  }
  for (let n = 0; n < 12; n += 1) {
    const upload = {
      id: `unknown-${n}`,
      status: 'cancelled' as const,
      timeout: 60,
      cors_origin: '*',
      new_asset_settings: {},
    }
    const text = t.mux.event('video.upload.cancelled', upload)
    await send(text, t.mux.sign(text, { at: t.app.clock() }))
    await expect(send(text, `t=1,v1=${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'unauthenticated' })
  }
  await runJobs(t)
  const check = await t.app.call(checkTelemetry, {}, system())
  const counted = Object.fromEntries(check.metrics.map(({ metric, counted: n }) => [metric, n]))
  expect(counted).toMatchObject({
    'portal.upload.initiated': 4,
    'portal.upload.cancelled': 1,
    'portal.webhook.verified': 12,
    'portal.webhook.rejected': 12,
    'portal.webhook.applied': 12,
    'portal.dead_letter.depth': 0,
  })
  expect(check.metrics.filter(({ ok }) => !ok)).toEqual([])
  expect(check.ok).toBe(true)
  const { objectives } = await t.app.call(readTelemetry, { range: '1h' }, system())
  expect(objectives[0]).toMatchObject({
    name: 'webhooks_first_try',
    good: 12,
    total: 12,
    ratio: 1,
    holds: true,
  })
})

describe('exports', () => {
  it('hold what was counted with its controls and nobody, are kept a year and downloaded by name in the log [UTM-04] [UTM-05]', async () => {
    const ctx = await compliance()
    t.app.telemetry.add('portal.webhook.rejected', { reason: 'signature' }, 4)
    t.app.telemetry.add('portal.webhook.rejected', { reason: 'viewer@example.com' })
    await t.app.telemetry.flush()
    const made = await t.app.call(exportTelemetry, { from: '2026-11-20', until: '2026-11-21' }, ctx)
    const csv = await text(await (await t.app.call(downloadTelemetryExport, { id: made.id }, ctx)).stream())
    expect(createHash('sha256').update(csv).digest('hex')).toBe(made.sha256)
    expect(csv.split('\r\n')[0]).toBe('hour,metric,labels,kind,unit,sum,count,controls,meaning')
    expect(csv).toContain(
      '2026-11-21T10:00:00Z,portal.webhook.rejected,reason=signature,counter,,4,0,SOC2 CC6.1; ISO27001 A.5.15; GDPR Art. 32,',
    )
    expect(csv).not.toMatch(/@|usr_|vid_|upl_/)
    expect(await t.app.call(listTelemetryExports, {}, ctx)).toMatchObject([{ id: made.id, rows: made.rows }])
    const logged = (await t.events()).filter(({ target }) => target.id === made.id)
    expect(logged.map(({ action }) => action)).toEqual(['telemetry.export', 'telemetry.download-export'])

    t.advance(364 * DAY)
    await tend()
    expect(await t.app.call(listTelemetryExports, {}, ctx)).toHaveLength(1)
    t.advance(2 * DAY)
    await tend()
    expect(await t.app.call(listTelemetryExports, {}, ctx)).toEqual([])
    expect(await t.app.ports.storage.list('telemetry/')).toEqual([])
    await expect(t.app.call(downloadTelemetryExport, { id: made.id }, ctx)).rejects.toMatchObject({
      code: 'gone',
    })
  })
})

describe('silence', () => {
  const process = (id: string, roles: string, beatSecondsAgo: number, stopped = false) =>
    t.app.pool.query(
      `insert into telemetry_processes (id, roles, started_at, beat_at, stopped_at)
       values ($1, $2, $3::timestamptz - interval '2 days', $3::timestamptz - make_interval(secs => $4), case when $5 then $3 end)`,
      [id, roles, t.app.clock(), beatSecondsAgo, stopped],
    )

  it('of a role is noticed by whoever still lives, and forgotten when another takes its place [UTM-05]', async () => {
    await process('web', '{web}', 1)
    await process('worker', '{worker}', 90)
    await process('engine', '{engine}', 90, true)
    expect(await watchSilence(t.app)).toEqual({ workerIsSilent: true })
    expect(await openAlerts()).toEqual(['metrics.silent:worker'])
    await process('worker again', '{worker}', 1)
    expect(await watchSilence(t.app)).toEqual({ workerIsSilent: false })
    expect(await openAlerts()).toEqual([])
  })

  it('of a schedule is noticed while its worker lives [UTM-05]', async () => {
    await process('all', '{web,engine,worker}', 1)
    const ran = (minutesAgo: number) => {
      t.app.telemetry.observe('portal.job.duration', { job: 'telemetry.watch', outcome: 'done' }, 0.1)
      return t.app.telemetry
        .flush()
        .then(() =>
          t.app.pool.query(
            `update metric_totals set updated_at = updated_at - make_interval(mins => $1) where metric = 'portal.job.duration'`,
            [minutesAgo],
          ),
        )
    }
    await ran(7)
    await watchSilence(t.app)
    expect(await openAlerts()).toEqual([])
    await ran(9)
    await watchSilence(t.app)
    expect(await openAlerts()).toEqual(['metrics.silent:schedule'])
    await ran(0)
    await watchSilence(t.app)
    expect(await openAlerts()).toEqual([])
  })

  it('is measured against the longest pause of a schedule', () => {
    expect(['* * * * *', '*/5 * * * *', '17 3 * * *', '0 5 * * 1'].map(longestPauseMinutes)).toEqual([
      1, 5, 1440, 10_080,
    ])
  })
})

it('opens an alert by what was counted, once, and clears it [UTM-02]', async () => {
  const readings = {
    failedFirst: { hour: 0, fiveMinutes: 0 },
    appliedFirst: { hour: 0, fiveMinutes: 0 },
    refusedSignatures: { fiveMinutes: 0, halfHour: 0 },
    deadLetters: { depth: 12, oldestSeconds: 0 },
    replayP95Seconds: null,
    looks: { up: 1, down: 0 },
  }
  for (let n = 0; n < 3; n += 1) await applyVerdicts(t.app, readings)
  expect(await openAlerts()).toEqual(['dead_letters.depth'])
  await applyVerdicts(t.app, { ...readings, deadLetters: { depth: 1, oldestSeconds: 0 } })
  expect(await openAlerts()).toEqual([])
})
