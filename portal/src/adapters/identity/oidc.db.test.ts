import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inviteUser } from '#portal/modules/identity/invite-user.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { newBrowser } from '../../../../tests/support/navigate.ts'
import { type OidcServer, startOidcServer } from '../../../../tests/support/oidc-server.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'

const PORTAL = 'http://localhost:3000'
const CALLBACK = `${PORTAL}/api/auth/oidc/callback`

async function withProvider(env: Record<string, string> = {}) {
  const oidc = await startOidcServer(CALLBACK)
  const t = await createTestApp({
    ...{ OIDC_ISSUER: oidc.issuer, OIDC_CLIENT_ID: oidc.clientId, OIDC_CLIENT_SECRET: oidc.clientSecret },
    ...{ OIDC_NAME: 'Example ID', RATE_LIMIT_ENFORCED: 'false', ...env },
  })
  const http = await serveTestApp(t)
  const stop = async () => {
    await http.stop()
    await t.stop()
    await oidc.stop()
  }
  return { oidc, t, http, stop }
}

/** From the portal's button over the provider's pages to the address that leads back. */
async function walk(http: TestHttp, next = '/shares') {
  const browser = newBrowser()
  const start = await browser.go(`${http.origin}/api/auth/oidc/start?next=${next}`)
  const asked = new URL(start.location)
  let at = start.location
  while (!at.startsWith(CALLBACK)) {
    const answer = await browser.go(at)
    if (!answer.location) throw new Error(`the provider stopped at ${at}: ${answer.status} ${answer.text}`)
    at = answer.location
  }
  const back = at.replace(PORTAL, http.origin)
  /** As the provider's page sends the browser: from another site. */
  const finish = (url = back) => browser.go(url, { 'sec-fetch-site': 'cross-site' })
  return { browser, asked, back, finish }
}

const pathOf = (answer: { location: string }) => answer.location.replace(/^https?:\/\/[^/]+/, '')

describe('signing in by an OpenID provider', () => {
  let oidc: OidcServer
  let t: TestApp
  let http: TestHttp
  let stop: () => Promise<void>
  beforeAll(async () => {
    ;({ oidc, t, http, stop } = await withProvider())
  })
  afterAll(() => stop?.())
  beforeEach(() => {
    oidc.signedIn = null
    oidc.forge = null
  })

  const sessionIn = (browser: ReturnType<typeof newBrowser>) =>
    browser.jarOf(http.origin).get('__Host-mm.session_token') ?? null
  const whoIn = (browser: ReturnType<typeof newBrowser>) => {
    const token = sessionIn(browser)
    return t.app.ports.identity.whoIs(
      new Headers(token ? { cookie: `__Host-mm.session_token=${token}` } : {}),
    )
  }
  const member = async () => {
    const { id } = await t.person('agency')
    const { rows } = await t.app.pool.query('select email, name from users where id = $1', [id])
    return { id, email: rows[0].email as string, name: rows[0].name as string }
  }
  const atBrowser = (sub: string, email: string, more: { verified?: boolean; amr?: string[] } = {}) => {
    const account = { sub, email, email_verified: more.verified ?? true, name: 'From There' }
    oidc.signedIn = { account, ...(more.amr ? { amr: more.amr } : {}) }
  }
  const lastSignIn = async () => (await t.events()).findLast(({ action }) => action === 'session.sign-in')

  it('[IDN-01] [ASVS-10.1.1, ASVS-10.2.1, ASVS-10.2.3] signs a member in by their verified address, with state, nonce and PKCE, and says so in the log', async () => {
    const { id, email } = await member()
    atBrowser('sub-member', email)
    const { browser, asked, finish } = await walk(http)
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256')
    expect(asked.searchParams.get('redirect_uri')).toBe(CALLBACK)
    expect(pathOf(await finish())).toBe('/shares')
    expect(await whoIn(browser)).toMatchObject({ userId: id, email, secondFactor: false })
    expect(await lastSignIn()).toMatchObject({ outcome: 'allowed', target: { id } })
    // The password still works beside it.
    expect((await http.signIn(email, 'correct horse battery')).status).toBe(200)
  })

  it('[IDN-01] [ASVS-1.2.2, ASVS-3.7.2] makes a member of whom was invited, once, and follows no path to another site', async () => {
    const admin = t.app.newContext(await t.person('admin', { groups: ['operations'] }))
    await t.app.call(inviteUser, { email: 'new@example.com', role: 'guest', organisation: 'Studio' }, admin)
    atBrowser('sub-new', 'New@Example.com')
    const first = await walk(http, '//elsewhere.example')
    expect(pathOf(await first.finish())).toBe('/')
    const { userId } = (await whoIn(first.browser))!
    atBrowser('sub-new', 'renamed@example.com')
    const second = await walk(http)
    await second.finish()
    expect((await whoIn(second.browser))?.userId).toBe(userId)
  })

  it('[IDN-01] [ASVS-6.8.1, ASVS-10.5.2] lets in nobody uninvited, nobody without a verified address, no second subject of a member', async () => {
    const { email } = await member()
    atBrowser('sub-first', email)
    await (await walk(http)).finish()
    for (const [sub, address, verified, outcome] of [
      ['sub-stranger', 'stranger@example.com', true, 'not-invited'],
      ['sub-first', email, false, 'unverified'],
      ['sub-second', email, true, 'not-invited'],
    ] as const) {
      atBrowser(sub, address, { verified })
      const { browser, finish } = await walk(http)
      expect(pathOf(await finish()), sub).toBe(`/?sign-in=${outcome}`)
      expect(sessionIn(browser), sub).toBeNull()
    }
    const reasons = (await t.events()).map(({ reason }) => reason)
    for (const reason of ['not_invited', 'email_unverified', 'linked_to_another'])
      expect(reasons).toContain(reason)
  })

  it('[SPS-01] leads back to the link that asked to sign in, whether it went well or not', async () => {
    const link = `/s/${'A'.repeat(43)}`
    const { email } = await member()
    atBrowser('sub-watcher', email)
    expect(pathOf(await (await walk(http, link)).finish())).toBe(link)
    atBrowser('sub-uninvited', 'uninvited@example.com')
    expect(pathOf(await (await walk(http, link)).finish())).toBe(`${link}?sign-in=not-invited`)
    atBrowser('sub-watcher', email, { verified: false })
    expect(pathOf(await (await walk(http, link)).finish())).toBe(`${link}?sign-in=unverified`)
    expect(pathOf(await (await walk(http, '/shares')).finish())).toBe('/?sign-in=unverified')
  })

  it('[SPS-01] is offered at the gate of a link for accounts, and of no other', async () => {
    const maker = await t.person('agency')
    const gateOf = async (access: 'account' | 'link') => {
      const videoId = await t.video(maker)
      const made = await t.app.call(createShare, { videoId, access }, t.app.newContext(maker))
      if (made.status !== 'active') throw new Error('the share waits for a second person')
      return await (await http.send('GET', `/api/share/${made.token}`)).json()
    }
    expect(await gateOf('account')).toMatchObject({
      needs: ['account'],
      signIn: { path: '/api/auth/oidc/start', name: 'Example ID', only: false, form: true },
    })
    expect(await gateOf('link')).toMatchObject({ signIn: null })
  })

  it('[IDN-01] [ASVS-7.6.2, ASVS-10.1.2, ASVS-10.2.2] takes no answer with another state, none twice, and none from another issuer', async () => {
    const { email } = await member()
    atBrowser('sub-once', email)
    const { browser, back, finish } = await walk(http)
    const other = new URL(back)
    other.searchParams.set('state', 'guessed')
    expect(pathOf(await finish(other.href))).toBe('/?sign-in=again')
    expect((await lastSignIn())?.reason).toBe('state_unknown')
    const kept = new Map(browser.jarOf(http.origin))
    expect(pathOf(await finish())).toBe('/shares')
    // Once more as this browser is now, then in one that kept the cookie of the first time.
    expect(pathOf(await finish())).toBe('/?sign-in=again')
    const thief = newBrowser()
    for (const [name, value] of kept) thief.jarOf(http.origin).set(name, value)
    expect(pathOf(await thief.go(back, { 'sec-fetch-site': 'cross-site' }))).toBe('/?sign-in=again')
    expect(sessionIn(thief)).toBeNull()
    expect((await lastSignIn())?.reason).toBe('code_refused')
    const mixed = await walk(http)
    const elsewhere = mixed.back.replace(encodeURIComponent(oidc.issuer), 'https%3A%2F%2Felsewhere.example')
    expect(elsewhere).not.toBe(mixed.back)
    expect(pathOf(await mixed.finish(elsewhere))).toBe('/?sign-in=untrusted')
  })

  it('[IDN-01] [ASVS-6.8.2, ASVS-10.5.1, ASVS-10.5.4] takes no ID token with another nonce, audience or issuer, and none that ran out', async () => {
    const { id, email } = await member()
    atBrowser('sub-forged', email)
    const now = Math.floor(Date.now() / 1000)
    const trial = async (wrong: Record<string, unknown>) => {
      const { browser, asked, finish } = await walk(http)
      const claims = {
        sub: 'sub-forged',
        email,
        email_verified: true,
        nonce: asked.searchParams.get('nonce'),
      }
      oidc.forge = { ...claims, ...wrong }
      const path = pathOf(await finish())
      oidc.forge = null
      return { path, who: await whoIn(browser) }
    }
    for (const wrong of [
      { nonce: 'another' },
      { aud: 'another-client' },
      { aud: ['portal', 'another-client'] },
      { azp: 'another-client' },
      { iss: 'https://elsewhere.example' },
      { exp: now - 30 },
    ])
      expect(await trial(wrong), JSON.stringify(wrong)).toEqual({ path: '/?sign-in=untrusted', who: null })
    expect((await lastSignIn())?.reason).toBe('token_invalid')
    // A truth in words is no proof; within the clock's skew a token still counts.
    expect((await trial({ email_verified: 'true' })).path).toBe('/?sign-in=unverified')
    expect(await trial({ amr: ['pwd'] })).toMatchObject({ who: { userId: id, secondFactor: false } })
    expect(await trial({ amr: ['pwd', 'mfa'] })).toMatchObject({ who: { userId: id, secondFactor: true } })
  })

  it('[IDN-01] comes back with a sentence where the person or the provider says no', async () => {
    const { finish } = await walk(http)
    expect(pathOf(await finish())).toBe('/?sign-in=stopped')
    expect((await lastSignIn())?.reason).toBe('provider_refused')
    const gone = await withProvider()
    await gone.oidc.stop()
    const start = await newBrowser().go(`${gone.http.origin}/api/auth/oidc/start`)
    expect([start.status, pathOf(start)]).toEqual([302, '/?sign-in=unavailable'])
    await gone.http.stop()
    await gone.t.stop()
  })
})

it('[ASVS-10.5.3] takes no provider whose own description names another issuer', async () => {
  const oidc = await startOidcServer(CALLBACK)
  const t = await createTestApp({
    // The same place by another name: what it says of itself is not what was set.
    ...{
      OIDC_ISSUER: `${oidc.issuer}/`,
      OIDC_CLIENT_ID: oidc.clientId,
      OIDC_CLIENT_SECRET: oidc.clientSecret,
    },
  })
  const http = await serveTestApp(t)
  const answer = await newBrowser().go(`${http.origin}/api/auth/oidc/start?next=/shares`)
  expect(pathOf(answer)).toBe('/?sign-in=untrusted')
  await http.stop()
  await t.stop()
  await oidc.stop()
})

describe('where single sign-on is required', () => {
  it('[IDN-01] takes a password from the first administrator alone', async () => {
    const { oidc, t, http, stop } = await withProvider({ SSO_REQUIRED: 'true' })
    const addressOf = async (id: string) =>
      (await t.app.pool.query('select email from users where id = $1', [id])).rows[0].email as string
    const first = await addressOf((await t.person('admin')).id)
    t.advance(60_000)
    const second = await t.person('admin')
    const email = await addressOf(second.id)
    const refused = await http.signIn(email, 'correct horse battery')
    expect(refused.status).toBe(403)
    expect((await refused.json()).detail).toContain('Continue with Example ID')
    expect(refused.headers.getSetCookie()).toEqual([])
    const open = await t.app.pool.query('select 1 from sessions where user_id = $1', [second.id])
    expect(open.rowCount).toBe(0)
    expect((await t.events()).some(({ reason }) => reason === 'sso_required')).toBe(true)
    expect((await http.signIn(email, 'another horse battery')).status).toBe(401)
    expect((await http.signIn(first, 'correct horse battery')).status).toBe(200)
    oidc.signedIn = { account: { sub: 'sub-2', email, email_verified: true, name: 'Second' } }
    expect(pathOf(await (await walk(http)).finish())).toBe('/shares')
    await stop()
  })
})
