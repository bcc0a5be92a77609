import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportProgress } from '#portal/modules/analytics/report-progress.ts'
import { limiterOf } from '#portal/modules/limits/check-request.ts'
import { getBudgetLevel, setBudgetLevel } from '#portal/modules/limits/set-budget-level.ts'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { runRetention } from '#portal/modules/privacy/run-retention.ts'
import { noteSettings } from '#portal/modules/reliability/note-settings.ts'
import { remindOfDrill } from '#portal/modules/reliability/remind-drill.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { openShare } from '#portal/modules/sharing/open-share.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { replayLetters } from '#portal/modules/webhooks/replay-letters.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../tests/support/test-http.ts'
import { ANONYMOUS } from './context.ts'
import { loadSettings } from './env.ts'
import type { FLAGS, FlagName } from './settings/flags.ts'

const DAY_MS = 86_400_000
const OFF = {
  RATE_LIMIT_ENFORCED: 'false',
  COST_MONITORING_ENABLED: 'false',
  MUX_WEBHOOK_DLQ_ENABLED: 'false',
  UPLOAD_TELEMETRY_ENABLED: 'false',
  MINIMAL_ANALYTICS_ENABLED: 'false',
  ADMIN_SHARE_UI_ENABLED: 'false',
  CONSENT_BANNER_ENABLED: 'false',
}
let t: TestApp
beforeAll(async () => {
  t = await createTestApp(OFF)
})
afterAll(() => t?.stop())

const system = () => t.app.newContext({ kind: 'system', id: 'test' })

/** Watches five seconds of a link, as somebody who was asked wherever anybody is; what is kept of it. */
async function watchAndReport() {
  const agency = await t.person('agency')
  const videoId = await t.video(agency)
  const made = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(agency))
  const token = 'token' in made ? made.token : ''
  const anyone = () => t.app.newContext(ANONYMOUS)
  const gate = await t.app.call(openShare, { token, cookie: null }, anyone())
  const { newCookie } = await t.app.call(issuePlayback, { token, cookie: null }, anyone())
  t.advance(5000)
  const report = { token, cookie: newCookie, gpc: false, run: 'run-00001', seq: 1, segments: [[0, 5]] }
  const { kept } = await t.app.call(reportProgress, report, anyone())
  const { rowCount } = await t.app.pool.query('select from viewer_progress')
  return { told: gate.recorded, asked: gate.asked, kept, rows: rowCount }
}

type Off = { [N in FlagName]: (typeof FLAGS)[N]['kind'] extends 'version' ? never : N }[FlagName]

/** What FLAGS declares of each flag's off state, shown. A flag without its test does not compile. */
const OFF_STATES: { [N in Off]: () => Promise<void> } = {
  SIGNED_PLAYBACK_ENFORCED: async () => {
    expect(() => loadSettings({ SIGNED_PLAYBACK_ENFORCED: 'false' })).toThrow('must stay true')
    // With every other flag off, too, what is made is for signed playback alone.
    const file = { filename: 'Sprint 4.mov', contentType: 'video/quicktime', size: 9_000_000 }
    await t.app.call(startUpload, file, t.app.newContext(await t.person('agency')))
    const made = [...t.mux.uploads.values()].map((upload) => upload.new_asset_settings.playback_policies)
    expect(made).toEqual([['signed']])
  },
  RATE_LIMIT_ENFORCED: async () => {
    const tries = Array.from({ length: 25 }, () => limiterOf(t.app).check('upload', { user: 'anybody' }))
    expect((await Promise.all(tries)).filter((verdict) => verdict?.refused)).toEqual([])
    await limiterOf(t.app).flush()
    const { rows } = await t.app.pool.query('select enforced, count::int from limit_throttlings')
    expect(rows).toEqual([{ enforced: false, count: 5 }])
  },
  COST_MONITORING_ENABLED: async () => {
    const now = t.app.clock()
    await t.app.pool.query(
      `insert into budget_levels (id, level, reason, set_by, set_at, until) values ('bgt_old', 'exhausted', 'From before', 'test', $1, $2)`,
      [now, new Date(now.getTime() + 3_600_000)],
    )
    const agency = await t.person('agency')
    expect(await t.app.call(getBudgetLevel, {}, t.app.newContext(agency))).toMatchObject({ level: 'normal' })
    const level = {
      level: 'warning',
      reason: 'As measured this week',
      until: new Date(now.getTime() + 60_000).toISOString(),
    }
    await expect(t.app.call(setBudgetLevel, level, system())).rejects.toMatchObject({ code: 'conflict' })
  },
  MUX_WEBHOOK_DLQ_ENABLED: async () => {
    const mender = t.app.newContext(await t.person('admin', { groups: ['operations'] }))
    await expect(t.app.call(replayLetters, {}, mender)).rejects.toMatchObject({ code: 'conflict' })
  },
  UPLOAD_TELEMETRY_ENABLED: async () => {
    t.app.telemetry.add('portal.upload.initiated', {})
    t.app.telemetry.add('portal.playback.issued', { outcome: 'issued' })
    await t.app.telemetry.flush()
    const { rows } = await t.app.pool.query<{ metric: string }>('select distinct metric from metric_totals')
    const metrics = rows.map(({ metric }) => metric)
    expect(metrics).toContain('portal.playback.issued')
    expect(metrics.filter((metric) => metric.startsWith('portal.upload.'))).toEqual([])
  },
  MINIMAL_ANALYTICS_ENABLED: async () => {
    Object.assign(t.app.settings, { CONSENT_BANNER_ENABLED: true })
    expect(await watchAndReport()).toEqual({ told: false, asked: true, kept: false, rows: 0 })
    Object.assign(t.app.settings, { CONSENT_BANNER_ENABLED: false })
  },
  CONSENT_BANNER_ENABLED: async () => {
    Object.assign(t.app.settings, { MINIMAL_ANALYTICS_ENABLED: true })
    expect(await watchAndReport()).toEqual({ told: false, asked: false, kept: false, rows: 0 })
    Object.assign(t.app.settings, { CONSENT_BANNER_ENABLED: true })
    expect(await watchAndReport()).toEqual({ told: true, asked: true, kept: true, rows: 1 })
    Object.assign(t.app.settings, { CONSENT_BANNER_ENABLED: false, MINIMAL_ANALYTICS_ENABLED: false })
  },
  ADMIN_SHARE_UI_ENABLED: async () => {
    const http = await serveTestApp(t)
    for (const path of ['/api/admin/share-tokens', '/api/admin/share-export'])
      expect((await http.send('GET', path)).status).toBe(404)
    await http.stop()
  },
  INCIDENT_DRILL_SCHEDULE: async () => {
    const remind = async (schedule: string) => {
      Object.assign(t.app.settings, { INCIDENT_DRILL_SCHEDULE: schedule })
      const signal = new AbortController().signal
      await remindOfDrill.run({ app: t.app, input: {}, ctx: system(), signal, attempt: 1, maxAttempts: 1 })
      const { rows } = await t.app.pool.query<{ key: string }>(
        `select key from alerts where key like 'drill.due:%' order by id`,
      )
      return rows.map(({ key }) => key)
    }
    expect(await remind('off')).toEqual([])
    expect(await remind('quarterly')).toEqual(['drill.due:2026-10'])
    await t.app.ports.alerts.resolve('drill.due:2026-10')
    t.advance(30 * DAY_MS)
    expect(await remind('quarterly')).toEqual(['drill.due:2026-10'])
    t.advance(15 * DAY_MS)
    expect(await remind('quarterly')).toEqual(['drill.due:2026-10', 'drill.due:2027-01'])
  },
}

it.each(Object.entries(OFF_STATES))('[OPS-05] %s off is what is declared', async (_, show) => await show())

it('[OPS-01] RETENTION_POLICY_VERSION is told by each run', async () => {
  await t.app.call(runRetention, { dry: true }, t.app.newContext({ kind: 'command', id: 'os:0' }))
  const [run] = (await t.events()).filter(({ action }) => action === 'retention.run')
  expect(run?.details).toMatchObject({ policy: '1' })
})

it('[OPS-05] what is set otherwise than at the last start leaves an event, without a secret’s value', async () => {
  const told = async () =>
    (await t.events()).filter(({ action }) => action === 'settings.change').map(({ details }) => details)
  const start = () => t.app.call(noteSettings, {}, system())
  Object.assign(t.app.settings, { INCIDENT_DRILL_SCHEDULE: 'quarterly', RATE_LIMIT_ENFORCED: true })
  await start()
  expect((await told())[0]).toMatchObject({ first: true })
  await start()
  expect(await told()).toHaveLength(1)

  Object.assign(t.app.settings, { RATE_LIMIT_ENFORCED: false, METRICS_TOKEN: 'a-secret-nobody-may-read' })
  await start()
  const all = await told()
  expect(all).toHaveLength(2)
  expect(all[1]).toEqual({
    first: false,
    changed: ['METRICS_TOKEN: unset → set', 'RATE_LIMIT_ENFORCED: true → false'],
  })
})
