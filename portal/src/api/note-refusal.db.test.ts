import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

async function refusedBy(method: string, path: string, headers: Record<string, string>) {
  const before = (await t.events()).length
  t.advance(60_000)
  const { status } = await http.send(method, path, { headers })
  return { status, events: (await t.events()).slice(before) }
}

it.each([
  ['POST', '/api/cron/retention.daily', { authorization: 'Bearer wrong' }, 'wrong_secret', '/api/cron/:job'],
  ['GET', '/metrics', {}, 'wrong_secret', '/metrics'],
  ['GET', '/api/videos', { authorization: 'Bearer mmk_wrong' }, 'invalid_api_key', '/api/videos'],
  ['GET', '/api/videos', { 'sec-fetch-site': 'cross-site' }, 'foreign_origin', '/api/videos'],
])('[ALV-01] the door’s own refusal is an event: %s %s', async (method, path, headers, reason, route) => {
  const { status, events } = await refusedBy(method, path, headers as unknown as Record<string, string>)
  expect([401, 403]).toContain(status)
  expect(events).toMatchObject([
    { action: 'request.admit', outcome: 'refused', reason, target: { type: 'route', id: route } },
  ])
})

it('[ALV-01] a call without a session is one event, by the name of the operation', async () => {
  const { status, events } = await refusedBy('GET', '/api/videos', {})
  expect(status).toBe(401)
  expect(events).toMatchObject([{ action: 'video.list', outcome: 'refused', reason: 'no_session' }])
})

it('[SPS-03] a token that opens nothing stands in no event', async () => {
  const token = 'A'.repeat(43)
  const { events } = await refusedBy('GET', `/api/share/${token}`, { 'sec-fetch-site': 'cross-site' })
  expect(events).toHaveLength(1)
  expect(JSON.stringify(events)).not.toContain(token)
})
