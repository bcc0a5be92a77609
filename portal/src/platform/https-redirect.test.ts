import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { redirectToHttps } from './https-redirect.ts'

let door: Listening
beforeAll(async () => {
  door = await listenOnFreePort(createServer(redirectToHttps('https://portal.example')))
})
afterAll(() => door.stop())

it.each([
  ['GET', 308],
  ['POST', 403],
])('plain HTTP beside https: %s is answered as protected as anything else', async (method, status) => {
  const { status: given, headers } = await fetch(`${door.origin}/videos`, { method, redirect: 'manual' })
  const named = (name: string) => headers.get(name)
  expect([
    given,
    named('x-content-type-options'),
    named('referrer-policy'),
    named('x-frame-options'),
  ]).toEqual([...[status, 'nosniff', 'no-referrer', 'DENY']])
  expect(named('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(named('cache-control')).toBe('no-store')
  // RFC 6797, 7.2: never over plain HTTP.
  expect(named('strict-transport-security')).toBeNull()
})
