import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { listenOnFreePort } from '../../../tests/support/listen.ts'
import { keepsNoCookies, markVisit, VISIT_COOKIE } from './page-headers.ts'

test('a page marks the browser that opens it, once; nothing else is marked', async () => {
  const server = createServer((req, res) => {
    markVisit(req, res)
    res.end()
  })
  const { origin, stop } = await listenOnFreePort(server)
  const marks = async (headers: Record<string, string>, method = 'GET') =>
    (await fetch(origin, { method, headers })).headers.getSetCookie()
  const page = { accept: 'text/html,application/xhtml+xml' }
  expect(await marks(page)).toEqual([`${VISIT_COOKIE}=1; Path=/; Secure; HttpOnly; SameSite=Lax`])
  expect(await marks({ ...page, cookie: `a=b; ${VISIT_COOKIE}=1` })).toEqual([])
  expect(await marks({ accept: 'application/json' })).toEqual([])
  expect(await marks(page, 'POST')).toEqual([])
  await stop()
})

test('a browser that sends no mark keeps no cookies; a program is not asked for one', () => {
  expect(keepsNoCookies(new Headers({ 'sec-fetch-dest': 'empty' }))).toBe(true)
  expect(keepsNoCookies(new Headers({ 'sec-fetch-dest': 'empty', cookie: `${VISIT_COOKIE}=1` }))).toBe(false)
  expect(keepsNoCookies(new Headers())).toBe(false)
})
