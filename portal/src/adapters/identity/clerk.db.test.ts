import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '#portal/api/routes.ts'
import { inviteUser } from '#portal/modules/identity/invite-user.ts'
import { type ClerkServer, startClerkServer } from '../../../../tests/support/clerk-server.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../../tests/support/test-http.ts'
import { identityContract } from './contract.ts'

const PORTAL = 'http://localhost:3000'

async function withClerk() {
  const clerk = await startClerkServer(PORTAL)
  const t = await createTestApp({
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
    CLERK_JWT_KEY: clerk.jwtKey,
    CLERK_API_URL: clerk.origin,
  })
  const stop = async () => {
    await t.stop()
    await clerk.stop()
  }
  return { clerk, t, stop }
}

/** Goes through the portal's two endpoints with what Clerk's page would leave in the browser. */
async function comeBack(t: TestApp, clerkCookies: string): Promise<Response> {
  const { handle } = t.app.ports.identity
  const start = await handle(new Request(`${PORTAL}/api/auth/clerk/start`))
  const [state = ''] = start.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0])
  const finish = new URL(new URL(start.headers.get('location') ?? '').searchParams.get('redirect_url') ?? '')
  const headers = { cookie: `${state}; ${clerkCookies}`, 'sec-fetch-dest': 'document', accept: 'text/html' }
  return await handle(new Request(finish, { headers }))
}

const sessionOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith('__Host-mm.session_token='))
    ?.split(';', 1)[0] ?? ''

identityContract('clerk', async () => {
  const { clerk, t, stop } = await withClerk()
  const { id: userId } = await t.person('agency')
  const { rows } = await t.app.pool.query('select email, name from users where id = $1', [userId])
  clerk.user({ id: 'user_1', email: rows[0].email, name: rows[0].name })
  return {
    port: t.app.ports.identity,
    person: { userId, email: rows[0].email, name: rows[0].name },
    signIn: async () => sessionOf(await comeBack(t, clerk.cookies('user_1'))),
    expire: async (id) => {
      await t.app.pool.query(
        `update sessions set expires_at = clock_timestamp() - interval '1 s' where id = $1`,
        [id],
      )
    },
    invited: () => clerk.invited,
    stop,
  }
})

describe('signing in by Clerk', () => {
  let clerk: ClerkServer
  let t: TestApp
  let stop: () => Promise<void>
  beforeAll(async () => {
    ;({ clerk, t, stop } = await withClerk())
  })
  afterAll(() => stop?.())

  const where = (answer: Response) => answer.headers.get('location')
  const signedIn = (answer: Response) =>
    t.app.actorFromHeaders(new Headers({ cookie: sessionOf(answer) || 'none=1' }))

  it('[IDN-01] makes a member of whom was invited, in the role and organisation of the invitation', async () => {
    const admin = await t.person('admin', { groups: ['operations'] })
    await t.app.call(
      inviteUser,
      { email: 'new@example.com', role: 'guest', organisation: 'Studio' },
      t.app.newContext(admin),
    )
    await runJobs(t)
    expect(clerk.invited).toContain('new@example.com')
    clerk.user({ id: 'user_new', email: 'New@Example.com', name: 'New Person' })
    const answer = await comeBack(t, clerk.cookies('user_new'))
    expect(where(answer)).toBe('/')
    const actor = await signedIn(answer)
    expect(actor).toMatchObject({ kind: 'user', role: 'guest', groups: [] })
    // The second time the same person comes, however their address is called by then.
    clerk.user({ id: 'user_new', email: 'renamed@example.com', name: 'New Person' })
    expect(await signedIn(await comeBack(t, clerk.cookies('user_new')))).toMatchObject({
      id: (actor as { id: string }).id,
    })
  })

  it('[IDN-01] lets in nobody who was not invited, whose address is not proved, or who is banned there', async () => {
    clerk.user({ id: 'user_stranger', email: 'stranger@example.com', name: 'Stranger' })
    const { rows } = await t.app.pool.query('select email from users limit 1')
    clerk.user({ id: 'user_unproved', email: rows[0].email, name: 'Unproved', verified: false })
    clerk.user({ id: 'user_banned', email: rows[0].email, name: 'Banned', banned: true })
    for (const id of ['user_stranger', 'user_unproved', 'user_banned']) {
      const answer = await comeBack(t, clerk.cookies(id))
      expect(where(answer), id).toBe('/?sign-in=not-invited')
      expect(sessionOf(answer), id).toBe('')
    }
    expect((await t.events()).some(({ reason }) => reason === 'not_invited')).toBe(true)
  })

  it('[IDN-01] [ASVS-6.8.1] lets no second Clerk account with a member’s address become that member', async () => {
    const { id } = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
    clerk.user({ id: 'user_a', email: rows[0].email, name: 'First' })
    clerk.user({ id: 'user_b', email: rows[0].email, name: 'Second' })
    expect(await signedIn(await comeBack(t, clerk.cookies('user_a')))).toMatchObject({ id })
    expect(where(await comeBack(t, clerk.cookies('user_b')))).toBe('/?sign-in=not-invited')
  })

  it('[IDN-01] [ASVS-6.8.2] takes no token that ran out, was made for another site, or by another key', async () => {
    const past = Math.floor(Date.now() / 1000) - 120
    const other = await startClerkServer(PORTAL)
    for (const cookies of [
      clerk.cookies('user_new', { iat: past - 60, nbf: past - 60, exp: past }),
      clerk.cookies('user_new', { azp: 'https://elsewhere.example' }),
      other.cookies('user_new'),
      '',
    ])
      expect(sessionOf(await comeBack(t, cookies))).toBe('')
    await other.stop()
  })

  it('[ASVS-7.6.2] signs nobody in whose browser did not begin it, and speaks no password endpoint', async () => {
    const { handle, endpoints } = t.app.ports.identity
    const headers = { cookie: clerk.cookies('user_new'), 'sec-fetch-dest': 'document' }
    const answer = await handle(new Request(`${PORTAL}/api/auth/clerk/finish?state=guessed`, { headers }))
    expect([where(answer), sessionOf(answer)]).toEqual(['/?sign-in=again', ''])
    expect(endpoints.has('POST /sign-in/email')).toBe(false)
    const http = await serveTestApp(t)
    expect((await http.signIn('person1@example.com', 'correct horse battery')).status).toBe(404)
    // Only the way back may come from Clerk's site, and only as a navigation.
    const api = createApi(t.app)
    const from = (path: string, mode: string) =>
      api.request(
        `/api/auth/clerk/${path}`,
        { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode } },
        { incoming: {} },
      )
    expect((await from('finish?state=x', 'navigate')).status).toBe(302)
    expect((await from('finish?state=x', 'cors')).status).toBe(403)
    expect((await from('start', 'navigate')).status).toBe(403)
    await http.stop()
  })

  it('[ASVS-7.6.1] ends Clerk’s session with ours', async () => {
    const cookie = sessionOf(await comeBack(t, clerk.cookies('user_new', { sid: 'sess_to_end' })))
    const session = await t.app.ports.identity.whoIs(new Headers({ cookie }))
    await t.app.ports.identity.endSession(session!.sessionId)
    expect(clerk.revoked).toContain('sess_to_end')
  })
})
