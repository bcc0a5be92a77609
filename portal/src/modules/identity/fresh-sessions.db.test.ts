import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorCode } from '../../../../tests/support/authenticator.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { type Role, STAFF_GROUPS, type StaffGroup } from '../../platform/context.ts'
import { operations } from '../../registry.ts'
import { FRESH_MINUTES } from './actor.ts'

const PASSWORD = 'correct horse battery'
let t: TestApp
const browsers: TestHttp[] = []

beforeAll(async () => {
  t = await createTestApp({ TRUST_PROXY: '1' })
})
afterAll(async () => {
  for (const browser of browsers) await browser.stop()
  await t?.stop()
})

type Browser = TestHttp & { cookie(): string }

/** Each at an address of its own, with the cookie of its session at hand. */
async function browser(): Promise<Browser> {
  const http = await serveTestApp(t)
  const ip = `198.51.100.${browsers.push(http)}`
  let cookie = ''
  const send: TestHttp['send'] = async (method, path, { body, headers } = {}) => {
    const answer = await http.send(method, path, { body, headers: { 'x-forwarded-for': ip, ...headers } })
    const set = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-mm.session_token='))
    if (set) cookie = set.split(';', 1)[0] ?? ''
    return answer
  }
  const signIn = (email: string, password: string) =>
    send('POST', '/api/auth/sign-in/email', { body: { email, password } })
  return { ...http, send, signIn, cookie: () => cookie }
}

async function somebody(role: Role = 'agency', groups: StaffGroup[] = []) {
  const actor = await t.person(role, { groups })
  const { rows } = await t.app.pool.query('select email from users where id = $1', [actor.id])
  const email = rows[0].email as string
  const http = await browser()
  expect((await http.signIn(email, PASSWORD)).status).toBe(200)
  return { ...actor, email, http }
}

const post = async (http: TestHttp, path: string, body: unknown = {}) => {
  const answer = await http.send('POST', path, { body })
  const text = await answer.text()
  return { status: answer.status, body: text ? JSON.parse(text) : null }
}
const whoIs = (cookie: string) => t.app.actorFromHeaders(new Headers({ cookie }))
const age = (userId: string) =>
  t.app.pool.query(
    `update sessions set created_at = clock_timestamp() - make_interval(mins => $2), proved_at = null where user_id = $1`,
    [userId, FRESH_MINUTES + 1],
  )

describe('a session token [IDN-01]', () => {
  it('[ASVS-7.2.2, ASVS-7.2.3] is new at each sign-in, has more than 128 bits, and repeats nothing', async () => {
    const { email, http } = await somebody()
    const tokens = [http.cookie()]
    for (let n = 0; n < 4; n++) {
      await http.signIn(email, PASSWORD)
      tokens.push(http.cookie())
    }
    const values = tokens.map((cookie) => decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? '')
    expect(new Set(values).size).toBe(5)
    // Letters and digits, 62 of them: 32 are 190 bits.
    for (const value of values) expect(value).toMatch(/^[\w-]{32,}$/)
  })

  it('[ASVS-7.2.4] of the session before is dead once somebody signs in again in the same browser', async () => {
    const mine = await somebody()
    const other = await somebody()
    const former = mine.http.cookie()
    await mine.http.signIn(other.email, PASSWORD)
    expect(await whoIs(former)).toBeNull()
    expect(await whoIs(mine.http.cookie())).toMatchObject({ id: other.id })
    expect(await whoIs(other.http.cookie())).toMatchObject({ id: other.id })
  })

  it('[ASVS-7.2.4] changes with every proof of identity; the session goes on under it', async () => {
    const { http, id } = await somebody()
    const before = http.cookie()
    const { id: session } = (await sessionsOf(http))[0]!
    expect((await post(http, '/api/account/confirm-identity', { password: PASSWORD })).body).toEqual({
      right: true,
    })
    expect(http.cookie()).not.toBe(before)
    expect([await whoIs(before), (await whoIs(http.cookie()))?.id]).toEqual([null, id])
    const { secret } = (await post(http, '/api/account/totp')).body
    const first = http.cookie()
    const code = () => authenticatorCode(secret, t.app.clock())
    expect((await post(http, '/api/account/totp/confirm', { code: code() })).status).toBe(200)
    expect([await whoIs(first), http.cookie() === first]).toEqual([null, false])
    t.advance(30_000)
    const second = http.cookie()
    expect((await post(http, '/api/account/second-factor', { code: code() })).body).toEqual({ right: true })
    expect([await whoIs(second), (await sessionsOf(http)).map((one) => one.id)]).toEqual([null, [session]])
  })
})

const sessionsOf = async (http: TestHttp) =>
  (await (await http.send('GET', '/api/account/sessions')).json()) as { id: string; isThisOne: boolean }[]

describe('what is sensitive [IDN-01]', () => {
  it('[ASVS-7.5.1, ASVS-7.5.2, ASVS-7.5.3] takes a proof that is not older than a quarter of an hour', async () => {
    const { http, id } = await somebody()
    const other = await browser()
    const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
    await other.signIn(rows[0].email, PASSWORD)
    await age(id)
    expect((await http.send('GET', '/api/account')).status).toBe(200)
    const tries = [
      ['POST', '/api/account/totp'],
      ['POST', '/api/account/email', { email: 'thief@example.com' }],
      ['POST', '/api/account/sessions/end-others'],
      ['DELETE', '/api/account/passkeys/pky_any'],
      ['GET', '/api/auth/passkey/generate-register-options'],
      ['POST', '/api/account/recovery-codes', { code: '123456' }],
    ] as const
    for (const [method, path, body = {}] of tries) {
      const answer = await http.send(method, path, method === 'POST' ? { body } : {})
      expect([path, answer.status, (await answer.json()).type]).toEqual([
        path,
        403,
        '/problems/reauthenticate',
      ])
    }
    const last = (await t.events()).at(-1)
    expect(last).toMatchObject({ outcome: 'refused', reason: 'stale_session' })
    expect((await post(http, '/api/account/confirm-identity', { password: 'a wrong one' })).body).toEqual({
      right: false,
    })
    expect((await post(http, '/api/account/sessions/end-others')).status).toBe(403)
    expect((await post(http, '/api/account/confirm-identity', { password: PASSWORD })).body).toEqual({
      right: true,
    })
    expect((await post(http, '/api/account/sessions/end-others')).body).toEqual({ ended: 1 })
    expect((await post(http, '/api/account/totp')).status).toBe(200)
  })

  it('[ASVS-7.5.1] takes both factors of whoever has two, and the password before a code is used up', async () => {
    const { http, id } = await somebody()
    const { secret } = (await post(http, '/api/account/totp')).body
    const code = () => authenticatorCode(secret, t.app.clock())
    await post(http, '/api/account/totp/confirm', { code: code() })
    t.advance(30_000)
    await age(id)
    const confirm = async (body: object) =>
      (await post(http, '/api/account/confirm-identity', body)).body.right
    const fresh = code()
    expect(await confirm({ password: PASSWORD })).toBe(false)
    expect(await confirm({ code: fresh })).toBe(false)
    expect(await confirm({ password: 'a wrong one', code: fresh })).toBe(false)
    expect((await post(http, '/api/account/sessions/end-others')).status).toBe(403)
    expect(await confirm({ password: PASSWORD, code: fresh })).toBe(true)
    expect((await post(http, '/api/account/sessions/end-others')).status).toBe(200)
  })

  it('[ASVS-7.5.1] takes the passkey of whoever has one, not the password alone', async () => {
    const { http, id } = await somebody()
    await t.app.pool.query(
      `insert into passkeys (id, user_id, public_key, credential_id, counter, device_type, backed_up)
       values ('pky_' || $1, $1, '', 'cred_' || $1, 0, 'singleDevice', false)`,
      [id],
    )
    await age(id)
    const answer = await post(http, '/api/account/confirm-identity', { password: PASSWORD })
    expect([answer.status, answer.body.detail]).toEqual([409, 'Show your passkey.'])
  })

  it('[ASVS-7.5.3] is each operation on means of signing in, rights over others, and keys', () => {
    const fresh = operations.filter(({ allow }) => allow.fresh).map(({ action }) => action)
    expect(new Set(fresh)).toEqual(
      new Set([
        ...['account.begin-totp', 'account.remove-totp', 'account.replace-recovery-codes'],
        ...['account.remove-passkey', 'account.request-email-change'],
        ...['account.end-session', 'account.end-other-sessions', 'api-key.create'],
        ...['user.change', 'user.reset-second-factor', 'user.end-sessions', 'user.end-every-session'],
        ...['staff.grant', 'emergency.approve', 'audit-access.approve'],
        ...['signing-key.rotate', 'audit.rotate-key'],
        ...['privacy.ask-erasure', 'privacy.approve-erasure'],
      ]),
    )
  })
})

describe('sessions of others [IDN-01]', () => {
  it('[ASVS-7.4.5] are ended by those who look after people: of one person, and of everybody but oneself', async () => {
    const security = await somebody('admin', ['security'])
    const [one, two, three] = [await somebody(), await somebody(), await somebody('admin', [...STAFF_GROUPS])]
    const path = (id: string) => `/api/admin/users/${id}/end-sessions`
    expect((await post(two.http, path(one.id))).status).toBe(403)
    expect((await post(security.http, path(security.id))).status).toBe(409)
    expect((await post(security.http, path(one.id))).body).toEqual({ ended: 1 })
    const alive = async () =>
      Promise.all(
        [one, two, three, security].map(async ({ http }) => (await http.send('GET', '/api/account')).status),
      )
    expect(await alive()).toEqual([401, 200, 200, 200])
    expect((await post(two.http, '/api/admin/sessions/end-all', { reason: 'mine' })).status).toBe(403)
    const before = new Date(Date.now() - 86_400_000).toISOString()
    expect(
      (await post(security.http, '/api/admin/sessions/end-all', { reason: 'old', before })).body.ended,
    ).toBe(0)
    const { body } = await post(security.http, '/api/admin/sessions/end-all', {
      reason: 'Cookies were stolen.',
    })
    expect(body.ended).toBeGreaterThanOrEqual(2)
    expect(await alive()).toEqual([401, 401, 401, 200])
    const last = (await t.events()).findLast(({ outcome }) => outcome === 'allowed')
    expect(last).toMatchObject({ action: 'user.end-every-session', target: { id: 'every' }, details: body })
    expect(JSON.stringify(last)).not.toContain('stolen')
  })
})

it('[ASVS-16.3.1] a sign-out is in the log as a sign-in is', async () => {
  const { http, id } = await somebody()
  expect((await post(http, '/api/auth/sign-out')).status).toBe(200)
  const mine = (await t.events()).filter(({ target }) => target.id === id).map(({ action }) => action)
  expect(mine.slice(-2)).toEqual(['session.sign-in', 'session.sign-out'])
})
