import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softwareAuthenticator } from '../../../../tests/support/software-authenticator.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import type { Role } from '../../platform/context.ts'

let t: TestApp
const browsers: TestHttp[] = []

beforeAll(async () => {
  t = await createTestApp({ STAFF_TOTP: 'required', RATE_LIMIT_ENFORCED: 'false' })
})
afterAll(async () => {
  for (const browser of browsers) await browser.stop()
  await t?.stop()
})

async function browser(): Promise<TestHttp> {
  const http = await serveTestApp(t)
  browsers.push(http)
  return http
}

async function somebody(role: Role) {
  const actor = await t.person(role)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [actor.id])
  const http = await browser()
  const signIn = async () => {
    const other = await browser()
    expect((await other.signIn(rows[0].email, 'correct horse battery')).status).toBe(200)
    return other
  }
  expect((await http.signIn(rows[0].email, 'correct horse battery')).status).toBe(200)
  return { ...actor, http, signIn, device: softwareAuthenticator(t.app.settings.PUBLIC_URL) }
}

type Device = ReturnType<typeof softwareAuthenticator>
const options = async (http: TestHttp, kind: 'register' | 'authenticate') => {
  const answer = await http.send('GET', `/api/auth/passkey/generate-${kind}-options`)
  return { status: answer.status, ...((await answer.json()) as { challenge: string; rp?: { id: string } }) }
}
const verify = (http: TestHttp, kind: 'registration' | 'authentication', body: unknown) =>
  http.send('POST', `/api/auth/passkey/verify-${kind}`, { body })
const add = async (http: TestHttp, device: Device) =>
  await verify(http, 'registration', {
    name: 'laptop',
    response: device.register(await options(http, 'register')),
  })

describe('a passkey [IDN-01]', () => {
  it('[ASVS-6.5.6] is added, named, listed, signs in as two factors in one, and is removed', async () => {
    const { http, device, id } = await somebody('admin')
    expect((await http.send('GET', '/api/account')).status).toBe(403)
    expect((await options(http, 'register')).rp?.id).toBe('localhost')
    expect((await add(http, device)).status).toBe(200)
    expect(await (await http.send('GET', '/api/account')).json()).toMatchObject({
      passkeys: [{ name: 'laptop' }],
    })

    const other = await browser()
    const answer = await verify(other, 'authentication', {
      response: device.sign(await options(other, 'authenticate')),
    })
    expect([answer.status, await answer.json()]).toEqual([200, { owes: null }])
    const account = (await (await other.send('GET', '/api/account')).json()) as { passkeys: { id: string }[] }
    const path = `/api/account/passkeys/${account.passkeys[0]!.id}`
    expect((await other.send('PATCH', path, { body: { name: 'blue key' } })).status).toBe(200)
    expect((await other.send('DELETE', path)).status).toBe(204)
    const again = await browser()
    const gone = await verify(again, 'authentication', {
      response: device.sign(await options(again, 'authenticate')),
    })
    expect(gone.status).toBe(401)
    const log = (await t.events()).filter(({ target, actor }) => target.id === id || actor.pseudonym === id)
    expect(log.map(({ action }) => action)).toContain('account.add-passkey')
  })

  it('is asked for after a password alone, and can’t be added by one', async () => {
    const { http, signIn, device } = await somebody('admin')
    await add(http, device)
    const thief = await signIn()
    expect(await (await thief.send('GET', '/api/account/owed')).json()).toEqual({
      owes: 'prove',
      totp: false,
      passkey: true,
    })
    expect((await options(thief, 'register')).status).toBe(403)
    expect((await verify(thief, 'registration', { response: {} })).status).toBe(403)
  })

  it('[ASVS-6.5.7] counts only where the device checked its holder', async () => {
    const { http, device } = await somebody('agency')
    const lax = device.register(await options(http, 'register'), { verified: false })
    expect((await verify(http, 'registration', { response: lax })).status).toBeGreaterThanOrEqual(400)
    expect((await add(http, device)).status).toBe(200)
    const other = await browser()
    const unseen = device.sign(await options(other, 'authenticate'), { verified: false })
    expect((await verify(other, 'authentication', { response: unseen })).status).toBe(400)
  })

  it('answers one challenge, once, of this page only', async () => {
    const { http, device } = await somebody('agency')
    await add(http, device)
    const other = await browser()
    const foreign = device.sign(await options(other, 'authenticate'), { at: 'https://evil.example' })
    expect((await verify(other, 'authentication', { response: foreign })).status).toBe(400)
    const stale = device.sign(await options(other, 'authenticate'))
    expect((await verify(other, 'authentication', { response: stale })).status).toBe(200)
    const replay = await browser()
    await options(replay, 'authenticate')
    expect((await verify(replay, 'authentication', { response: stale })).status).toBe(400)
  })

  it('of somebody else is neither named nor removed', async () => {
    const mine = await somebody('agency')
    const theirs = await somebody('agency')
    await add(theirs.http, theirs.device)
    const { passkeys } = (await (await theirs.http.send('GET', '/api/account')).json()) as {
      passkeys: { id: string }[]
    }
    const path = `/api/account/passkeys/${passkeys[0]!.id}`
    expect((await mine.http.send('DELETE', path)).status).toBe(404)
    expect((await mine.http.send('PATCH', path, { body: { name: 'mine' } })).status).toBe(404)
  })

  it('needs a session to be added', async () => {
    expect((await options(await browser(), 'register')).status).toBe(401)
  })
})
