import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../tests/support/database.ts'
import { listenOnFreePort } from '../../../../../tests/support/listen.ts'
import { readOpenMetrics } from '../../../../../tests/support/open-metrics-reader.ts'
import { type SlackServer, startSlack } from '../../../../../tests/support/slack-server.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../../../tests/support/test-http.ts'
import type { TestDatabase } from '../../../../../tests/support/test-postgres.ts'
import { listen, startHeart } from './beat-heart.ts'
import { lookAtDashboards } from './look-at-dashboards.ts'

const TOKEN = 'a-token-for-the-scraper'

describe('processes of one installation, a role each', () => {
  let database: TestDatabase
  let slack: SlackServer
  let web: TestApp
  let worker: TestApp
  beforeAll(async () => {
    database = await createTestDatabase('portal')
    slack = await startSlack()
    const env = { METRICS_TOKEN: TOKEN, SLACK_WEBHOOK_URL: slack.webhookUrl }
    web = await createTestApp({ ...env, ROLES: 'web' }, { ...database, close: async () => {} })
    const shared = { ...env, DATA_DIR: web.app.settings.DATA_DIR, ROLES: 'worker' }
    worker = await createTestApp(shared, { ...database, close: async () => {} })
  })
  afterAll(async () => {
    await worker?.stop()
    await web?.stop()
    await slack.stop()
    await database.close()
  })

  it('[UTM-01] tell of each other’s counts, whichever is scraped', async () => {
    const http = await Promise.all([serveTestApp(web), serveTestApp(worker)])
    const [first, second] = http
    const read = async (origin: string) => {
      const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
      const family = readOpenMetrics(await answer.text()).get('portal_upload_initiated')
      return family?.samples.reduce((sum, { value }) => sum + value, 0)
    }
    const before = (await read(first.origin)) ?? 0
    web.app.telemetry.add('portal.upload.initiated', {}, 2)
    worker.app.telemetry.add('portal.upload.initiated', {}, 5)
    // What another process has counted is there once it was written down, which a process does by itself.
    await worker.app.telemetry.flush()
    expect(await read(first.origin)).toBe(before + 7)
    expect(await read(second.origin)).toBe(before + 7)
    await Promise.all(http.map(({ stop }) => stop()))
  })

  it('[UTM-03] the one that is left tells the channels that the workers are silent', async () => {
    const heart = startHeart(worker.app)
    await expect
      .poll(() => database.pool.query('select 1 from telemetry_processes').then((r) => r.rowCount))
      .toBe(1)
    await listen(web.app)
    expect(slack.received).toEqual([])
    // Killed: it never says that it stops.
    await heart.stop()
    await database.pool.query('update telemetry_processes set stopped_at = null')
    web.advance(2 * 60_000)
    await listen(web.app)
    expect(slack.received.map(({ text }) => text)).toEqual([
      expect.stringContaining('No process of the role worker'),
    ])
    // One taker, for a minute: who looks a moment later does not tell it again.
    await listen(web.app)
    expect(slack.received).toHaveLength(1)
  })
})

describe('a synthetic look at the dashboards', () => {
  let status = 307
  let page: Awaited<ReturnType<typeof listenOnFreePort>>
  let t: TestApp
  beforeAll(async () => {
    page = await listenOnFreePort(createServer((_, res) => res.writeHead(status, { location: '/' }).end()))
    t = await createTestApp({ INTERNAL_URL: page.origin })
  })
  afterAll(() => t.stop())

  it('[UTM-05] is well where the page sends to the front door, ill where it fails or does not answer', async () => {
    expect(await lookAtDashboards(t.app)).toBe(true)
    status = 500
    expect(await lookAtDashboards(t.app)).toBe(false)
    await page.stop()
    expect(await lookAtDashboards(t.app)).toBe(false)
    await t.app.telemetry.flush()
    const { rows } = await t.app.pool.query(
      `select labels ->> 'outcome' as outcome, sum::int from metric_totals where metric = 'portal.dashboard.checks' order by 1`,
    )
    expect(rows).toEqual([
      { outcome: 'down', sum: 2 },
      { outcome: 'up', sum: 1 },
    ])
  })
})
