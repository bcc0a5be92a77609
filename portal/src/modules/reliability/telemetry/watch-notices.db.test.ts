import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenOnFreePort } from '../../../../../tests/support/listen.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { watchNotices } from './watch-notices.ts'

const WELL = { status: { indicator: 'none', description: 'All Systems Operational' }, incidents: [] }
const INCIDENT = { id: 'p31zjtct2jer', name: 'Delayed webhooks', impact: 'major', status: 'investigating' }

let said: unknown = WELL
let status = 200
let page: Awaited<ReturnType<typeof listenOnFreePort>>
let t: TestApp
beforeAll(async () => {
  const server = createServer((_, res) => res.writeHead(status).end(JSON.stringify(said)))
  page = await listenOnFreePort(server)
  t = await createTestApp({ MUX_STATUS_URL: `${page.origin}/api/v2/summary.json` })
})
afterAll(async () => {
  await t.stop()
  await page.stop()
})

const open = async () =>
  (
    await t.app.pool.query(
      `select key, severity, details from alerts where resolved_at is null and key like 'video.notice%'`,
    )
  ).rows

it('[VOR-06] alerts while the video service says that it is not well', async () => {
  await watchNotices(t.app)
  expect(await open()).toEqual([])
  said = { status: { indicator: 'major', description: 'Partial System Outage' }, incidents: [INCIDENT] }
  await watchNotices(t.app)
  await watchNotices(t.app)
  expect(await open()).toEqual([
    {
      key: 'video.notice',
      severity: 'critical',
      details: { says: 'Partial System Outage; Delayed webhooks', incidents: 1 },
    },
  ])
  said = WELL
  await watchNotices(t.app)
  expect(await open()).toEqual([])
})

it('[VOR-06] alerts where the page is of another shape than documented; silence is neither', async () => {
  said = { page: 'moved' }
  await watchNotices(t.app)
  expect(await open()).toMatchObject([{ key: 'video.notice-shape' }])
  status = 503
  await expect(watchNotices(t.app)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await open()).toMatchObject([{ key: 'video.notice-shape' }])
  said = WELL
  status = 200
  await watchNotices(t.app)
  expect(await open()).toEqual([])
})

it('an installation without such a page asks nobody', async () => {
  const { video } = t.app.ports
  await watchNotices({ ...t.app, ports: { ...t.app.ports, video: { ...video, readNotice: null } } })
  expect(await open()).toEqual([])
})
