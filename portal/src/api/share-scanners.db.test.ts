import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { createShare } from '../modules/sharing/create-share.ts'

let t: TestApp
let http: TestHttp

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

/** As they come: previews of chats, scanners of mail, prefetching browsers, and who tries whatever there is. */
const VISITORS: { method: string; headers: Record<string, string> }[] = [
  { method: 'GET', headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0', origin: '' } },
  { method: 'GET', headers: { 'user-agent': 'facebookexternalhit/1.1', range: 'bytes=0-524287' } },
  { method: 'HEAD', headers: { 'user-agent': 'Mozilla/5.0 (compatible; Microsoft Safe Links)' } },
  { method: 'GET', headers: { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' } },
  { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } },
  { method: 'PROPFIND', headers: {} },
  { method: 'PUT', headers: {} },
  { method: 'DELETE', headers: {} },
]
const PATHS = ['', '/verify', '/events', '/stopped', '/progress', '/record', '/record/copy', '/download']

it('[IDN-02] [SPS-02] whoever looks at a link without pressing Watch spends nothing, opens no session and reveals nothing', async () => {
  const owner = await t.person('agency')
  const videoId = await t.video(owner, 'A title that nobody may read')
  const ctx = t.app.newContext(owner)
  const made = await t.app.call(createShare, { videoId, access: 'link', maxViews: 1, maxViewers: 1 }, ctx)
  const token = 'token' in made ? made.token : ''
  const state = async () => {
    const { rows } = await t.app.pool.query(
      `select s::text as share, (select count(*)::int from viewer_sessions where share_id = s.id) as sessions
       from shares s where id = $1`,
      [made.id],
    )
    return rows[0]
  }
  const before = await state()
  for (const { method, headers } of VISITORS) {
    for (const path of PATHS) {
      const answer = await http.send(method, `/api/share/${token}${path}`, { headers })
      const text = await answer.text()
      expect(text, `${method} ${path}`).not.toContain('A title that nobody may read')
      expect(answer.headers.getSetCookie(), `${method} ${path}`).toEqual([])
      expect(answer.status, `${method} ${path}`).toBeLessThan(500)
    }
  }
  expect(await state()).toEqual(before)
  const watched = await http.send('POST', `/api/share/${token}`)
  expect([watched.status, (await watched.json()).viewsLeft]).toEqual([200, 0])
})
