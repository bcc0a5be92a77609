import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { until } from '../../../tests/support/until.ts'

const PASSWORD = 'correct horse battery'
let t: TestApp
let http: TestHttp
let agencyEmail: string

async function emailOf(userId: string): Promise<string> {
  return (await t.app.pool.query('select email from users where id = $1', [userId])).rows[0].email
}

beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
  agencyEmail = await emailOf((await t.person('agency')).id)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

describe('sign-in', () => {
  it('[IDN-01] [ASVS-3.3.1, ASVS-3.3.2, ASVS-3.3.3, ASVS-3.3.4, ASVS-7.2.1, ASVS-7.4.1] sets a __Host- cookie that later requests are known by', async () => {
    const browser = await serveTestApp(t)
    const answer = await browser.signIn(agencyEmail, PASSWORD)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-mm\.session_token=[^;]+; .*HttpOnly; Secure; SameSite=Lax/,
    )
    expect((await browser.send('GET', '/api/shares')).status).toBe(200)
    expect((await browser.send('POST', '/api/auth/sign-out')).status).toBe(200)
    expect((await browser.send('GET', '/api/shares')).status).toBe(401)
    await browser.stop()
  })

  it('[ALV-01] [ASVS-16.3.1] is recorded, a wrong password too, without the address', async () => {
    expect((await http.signIn(agencyEmail, 'wrong password here')).status).toBe(401)
    const last = (await t.events()).at(-1)
    expect(last).toMatchObject({ action: 'session.sign-in', outcome: 'refused', reason: 'wrong_credentials' })
    expect(JSON.stringify(last)).not.toContain(agencyEmail)
  })

  it('keeps no address and no browser name in the session', async () => {
    const { rows } = await t.app.pool.query('select ip_address, user_agent from sessions')
    expect(rows.length).toBeGreaterThanOrEqual(0)
    for (const row of rows) expect(row).toEqual({ ip_address: null, user_agent: null })
  })

  it.each([
    ['POST', '/api/auth/sign-up/email'],
    ['POST', '/api/auth/update-user'],
    ['POST', '/api/auth/request-password-reset'],
    ['GET', '/api/auth/list-accounts'],
    ['GET', '/api/auth/ok'],
  ])('[ASVS-6.3.4, ASVS-6.4.2] has no %s %s', async (method, path) => {
    expect((await http.send(method, path, method === 'POST' ? { body: {} } : {})).status).toBe(404)
  })
})

describe('the door', () => {
  it('[E2E-08] bounds the body of every route before anybody is known', async () => {
    const document = (await (await fetch(`${http.origin}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>
    }
    const large = Buffer.alloc(1024 * 1024 + 1, 32)
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      ['post', 'put', 'patch', 'delete']
        .filter((method) => method in methods)
        .map((method) => [method, path]),
    )
    expect(routes.length).toBeGreaterThan(50)
    for (const [method = '', path = ''] of routes) {
      const url = `${http.origin}${path.replace(/\{\w+\}/g, 'x')}`
      const answer = await fetch(url, { method: method.toUpperCase(), body: large })
      expect(answer.status, `${method} ${path}`).toBe(413)
      await answer.body?.cancel()
    }
  })

  it.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['Origin: null', { origin: 'null' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a neighbour’s port', { origin: 'http://localhost:3001', 'sec-fetch-site': 'same-site' }],
    ['a form of another site', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ])('[ASVS-3.4.2, ASVS-3.5.1, ASVS-3.5.2] refuses %s', async (_, headers) => {
    const answer = await http.send('POST', '/api/auth/sign-in/email', {
      body: { email: agencyEmail, password: PASSWORD },
      headers,
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it.each([
    ['malformed JSON', 'POST', '/api/invitations/accept', '{"token":', 400, 'not valid JSON'],
    [
      'an unknown field',
      'POST',
      '/api/invitations/accept',
      { token: 'a', name: 'b', password: 'c'.repeat(12), admin: true },
      400,
      'admin',
    ],
    ['an oversized body', 'POST', '/api/invitations/accept', { token: 'a'.repeat(1_100_000) }, 413, '1 MiB'],
    ['an unknown route', 'GET', '/api/nothing', undefined, 404, undefined],
    ['nobody signed in', 'GET', '/api/shares', undefined, 401, undefined],
    ['a path trick', 'GET', '/api/shares/..%2f..%2fetc%2fpasswd', undefined, 401, undefined],
  ])(
    '[ASVS-1.1.1, ASVS-1.5.2, ASVS-15.3.3, ASVS-16.5.1] answers %s with a problem document',
    async (_, method, path, body, status, told) => {
      const answer = await http.send(method, path, body === undefined ? {} : { body })
      const problem = await answer.json()
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(problem).toMatchObject({
        status,
        type: expect.stringMatching(/^\/problems\//),
        instance: expect.stringMatching(/^urn:request:req_/),
      })
      if (told) expect(JSON.stringify(problem)).toContain(told)
    },
  )

  it('[SPS-07] gives every dead link one body but for the request it names', async () => {
    const bodies = await Promise.all(
      ['unknown', 'A'.repeat(43), '%00', 'x'.repeat(200)].map(async (token) => {
        const answer = await http.send('GET', `/api/share/${token}`)
        const { instance, ...rest } = await answer.json()
        return JSON.stringify({ status: answer.status, ...rest, instance: typeof instance })
      }),
    )
    expect(new Set(bodies)).toEqual(
      new Set([
        JSON.stringify({
          status: 403,
          type: '/problems/forbidden',
          title: 'Not allowed',
          instance: 'string',
        }),
      ]),
    )
  })

  it('[RLA-01] [ASVS-2.4.1] tells each caller where they stand, and stops them with 429 and Retry-After', async () => {
    const ask = () => http.send('POST', '/api/share/nothing/verify', { body: {} })
    const first = await ask()
    expect(first.headers.get('ratelimit-policy')).toBe('"gate";q=30;w=300, "gate-network";q=300;w=300')
    expect(first.headers.get('ratelimit')).toMatch(/^"gate";r=29;t=\d+, "gate-network";r=299;t=\d+$/)
    for (let n = 0; n < 29; n++) expect((await ask()).status).not.toBe(429)
    // One comes back every ten seconds: a slow machine may see one or two more.
    const stopped = await until('the limit', async () => {
      const answer = await ask()
      return answer.status === 429 && answer
    })
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(stopped.headers.get('content-type')).toBe('application/problem+json')
    expect(await stopped.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['gate'],
      limit: '30 in 5 minutes',
      until: expect.any(String),
      help: expect.stringMatching(/\/limits\?limit=gate&until=/),
      privacy: expect.stringMatching(/\/limits#privacy$/),
    })
  })

  it('runs a scheduled job for the cron secret alone', async () => {
    const run = (secret: string, name: string) =>
      http.send('POST', `/api/cron/${name}`, { headers: { authorization: `Bearer ${secret}` } })
    expect((await run('wrong', 'uploads.reconcile')).status).toBe(401)
    expect((await run(t.app.cronSecret.current(), 'sharing.stop-sessions')).status).toBe(404)
  })

  it('[OPS-06] [ASVS-2.1.1] describes itself in OpenAPI 3.1', async () => {
    const document = await (await http.send('GET', '/api/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/share/{link}',
        '/api/share/{link}/verify',
        '/api/health/ready',
        '/api/videos/{videoId}/shares',
        '/api/admin/share-tokens',
      ]),
    )
  })
})

describe('an invitation', () => {
  it('[IDN-01] [PRJ-01] makes one account, once, in the named organisation', async () => {
    const admin = await serveTestApp(t)
    await admin.signIn(await emailOf((await t.person('admin', { groups: ['operations'] })).id), PASSWORD)
    const made = await admin.send('POST', '/api/admin/invitations', {
      body: { email: 'New@Example.org', role: 'agency', organisation: 'Harbour Films' },
    })
    expect(made.status).toBe(201)
    const { url } = await made.json()
    const token = new URL(url).hash.slice(1)
    const accept = () =>
      http.send('POST', '/api/invitations/accept', { body: { token, name: 'Ana', password: PASSWORD } })
    expect((await accept()).status).toBe(201)
    expect((await accept()).status).toBe(403)
    const people = await (await admin.send('GET', '/api/admin/users')).json()
    expect(people.items).toContainEqual(
      expect.objectContaining({
        email: 'new@example.org',
        organisationName: 'Harbour Films',
        role: 'agency',
      }),
    )
    expect((await http.signIn('new@example.org', PASSWORD)).status).toBe(200)
    expect((await http.send('GET', '/api/admin/users')).status).toBe(403)
    await admin.stop()
  })
})
