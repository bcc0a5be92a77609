import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenOnFreePort } from '../../../tests/support/listen.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../tests/support/test-http.ts'
import { askOverride } from '../modules/limits/ask-override.ts'
import { approveOverride } from '../modules/limits/decide-override.ts'
import { isPage, limitedDoor, strangersAtEngine } from './limited-door.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
  const three = { quota: 3, windowSeconds: 86_400, burst: 3, mode: 'enforce' }
  await t.app.pool.query(
    `insert into limit_policies (version, rules, reason, set_by, set_at) values (1, $1, 'Three', 'test', now())`,
    [JSON.stringify({ page: three, engine: three, api: three })],
  )
})
afterAll(() => t?.stop())

it('[RLA-01] pages are counted by address, and a reader is told which limit and until when', async () => {
  const pages = limitedDoor(t.app, 'page', async (req, res) => {
    let body = ''
    for await (const part of req) body += part
    res.writeHead(200, { 'content-type': 'text/html' }).end(`page ${req.url} ${body}`)
  })
  const { origin, stop } = await listenOnFreePort(createServer(pages))
  const first = await fetch(`${origin}/videos?a=1`, { method: 'POST', body: 'form' })
  expect(await first.text()).toBe('page /videos?a=1 form')
  expect(first.headers.get('ratelimit')).toMatch(/^"page";r=2;t=\d+, "page-network";r=\d+;t=\d+$/)
  expect(first.headers.get('content-type')).toBe('text/html')
  expect((await fetch(`${origin}/`, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(origin)).status).toBe(200)
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const refused = await fetch(origin, { headers })
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(await refused.text()).toContain('/limits?limit=page')
  await stop()
})

it('[RLA-01] only a file of the build is asked for without being counted as a page', () => {
  expect(isPage('/_next/static/chunks/0-a~b.js')).toBe(false)
  expect(isPage('/_next/static/media/font%5B1%5D.woff2')).toBe(false)
  for (const path of [
    '/',
    '/_next',
    '/_next/',
    '/_next/nothing',
    '/_next/data/x/admin.json',
    '/_next/image',
    '/_next/static',
  ])
    expect(isPage(path), path).toBe(true)
  for (const path of ['/_next/static/', '/_next/static/..%2f..%2f', '/_next/static//x'])
    expect(isPage(path), path).toBe(true)
})

it('[RLA-01] who is not the portal is counted at the engine’s own interface', () => {
  const isStranger = strangersAtEngine({ id: 'portal', secret: 'word' })
  const by = (credentials: string | null) => ({
    headers: credentials ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {},
  })
  const asks = (path: string, credentials: string | null) => isStranger(path, by(credentials) as never)
  expect(asks('/video/v1/assets', 'portal:word')).toBe(false)
  expect(asks('/video/v1/assets', 'portal:guess')).toBe(true)
  expect(asks('/system/v1/signing-keys', null)).toBe(true)
  expect(asks('/videos', null)).toBe(false)
  expect(asks('/abcdefgh.m3u8', null)).toBe(false)
})

it('[RLA-01] a path that leads nowhere is counted as any other', async () => {
  const http = await serveTestApp(t)
  const statuses = []
  for (let n = 0; n < 4; n += 1) statuses.push((await http.send('GET', `/api/nothing-${n}`)).status)
  expect(statuses).toEqual([404, 404, 404, 429])
  expect((await http.send('GET', '/api/openapi.json')).status).toBe(429)
  await http.stop()
})

it('[RLA-03] pages are lifted for a person who is signed in, beside neighbours who stay limited', async () => {
  const pages = limitedDoor(t.app, 'page', (_, res) => void res.end('page'))
  const { origin, stop } = await listenOnFreePort(createServer(pages))
  const [person, staff] = [await t.person('agency'), await t.person('admin', { groups: ['operations'] })]
  const http = await serveTestApp(t)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
  const lines = (await http.signIn(rows[0].email, 'correct horse battery')).headers.getSetCookie()
  const headers = { cookie: lines.map((line) => line.split(';', 1)[0]).join('; ') }
  const policyOf = async () => (await fetch(origin, { headers })).headers.get('ratelimit-policy')
  expect(await policyOf()).toContain('"page";q=3;')
  const expiresAt = new Date(t.app.clock().getTime() + 3_600_000).toISOString()
  const wish = { class: 'page' as const, quota: 5000, expiresAt, reason: 'A premiere with many pages' }
  const { id } = await t.app.call(askOverride, wish, t.app.newContext(person))
  await t.app.call(approveOverride, { id }, t.app.newContext(staff))
  await expect.poll(policyOf, { timeout: 15_000 }).toBe('"page";q=5000;w=86400')
  expect((await fetch(origin)).headers.get('ratelimit-policy')).toContain('"page";q=3;')
  await http.stop()
  await stop()
})
