import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { createLiveSecret, type Standing } from '#portal/platform/live-secret.ts'
import { COOKIE_PREFIX, signedAnew } from './signed-cookies.ts'

const cookieOf = (value: string, secret: string) => {
  const signature = createHmac('sha256', secret).update(value).digest('base64')
  return new Headers({
    cookie: `${COOKIE_PREFIX}.session_token=${encodeURIComponent(`${value}.${signature}`)}`,
  })
}

it('[OPS-07] session cookies that nobody signed make a process look at the secrets file once a second, not each', () => {
  let [looks, ms] = [0, 0]
  let file: Standing | null = null
  const readIfChanged = () => {
    looks += 1
    return file
  }
  const secret = createLiveSecret({ current: 'old', past: [] }, readIfChanged, undefined, () => ms)
  for (let n = 0; n < 500; n += 1) {
    const forged = cookieOf(`session ${n}`, 'a guess')
    expect(signedAnew(forged, secret)).toBe(forged)
  }
  expect(looks).toBe(1)

  // Another process has replaced it meanwhile: what either signed is signed by the one in use.
  ms += 1000
  file = { current: 'new', past: [{ value: 'old', until: '9999-01-01T00:00:00Z' }] }
  const fresh = cookieOf('session', 'new')
  expect(signedAnew(fresh, secret)).toBe(fresh)
  expect(signedAnew(cookieOf('session', 'old'), secret).get('cookie')).toBe(fresh.get('cookie'))
})
