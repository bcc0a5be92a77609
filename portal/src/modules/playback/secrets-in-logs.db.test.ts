import pino from 'pino'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { createShare } from '../sharing/create-share.ts'

let t: TestApp
let http: TestHttp

beforeAll(async () => {
  t = await createTestApp({ LOG_LEVEL: 'trace' })
  http = await serveTestApp(t)
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

it('[SPS-11] [ASVS-14.2.1, ASVS-14.2.4, ASVS-16.2.5] playback IDs, tokens and links of a play stand in no log and in no export', async () => {
  const written: string[] = []
  const stream = (t.app.log as unknown as { [pino.symbols.streamSym]: { write(line: string): boolean } })[
    pino.symbols.streamSym
  ]
  vi.spyOn(stream, 'write').mockImplementation((line) => written.push(line) > 0)
  const agency = await t.person('agency')
  const videoId = await t.video(agency)
  const share = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(agency))
  const { token } = share as { token: string }
  const answer = await http.send('POST', `/api/share/${token}`)
  const { playbackUrl } = (await answer.json()) as { playbackUrl: string }
  expect(playbackUrl).toContain(`playback-${videoId}`)
  await http.send('POST', `/api/share/${token}`)
  await http.send('POST', `/api/share/${token}x`)
  // What goes wrong is logged with its message: the likeliest way out for a URL.
  t.app.log.warn({ err: new Error(`could not fetch ${playbackUrl}`) }, 'a request failed')
  t.app.log.warn({ err: new Error(`could not fetch /api/share/${token}/events`) }, 'a request failed')
  const cookie = /__Host-mm-viewer=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
  const secrets = [token, new URL(playbackUrl).searchParams.get('token') ?? '', cookie]
  expect(secrets.every((secret) => secret.length >= 43)).toBe(true)
  expect(written.join('')).toContain('a request failed')
  const log = written.join('')
  const exported = JSON.stringify(await t.events())
  for (const secret of secrets) {
    expect(log).not.toContain(secret)
    expect(exported).not.toContain(secret)
  }
  expect(exported).not.toContain(`playback-${videoId}`)
})
