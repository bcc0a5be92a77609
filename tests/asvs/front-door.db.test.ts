import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeResetToken } from '../../portal/src/modules/identity/account-proofs.ts'
import { STAFF_GROUPS } from '../../portal/src/platform/context.ts'
import { operations } from '../../portal/src/registry.ts'
import { authenticatorCode } from '../support/authenticator.ts'
import { createTestApp, grantLogReading, type TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'

type Schema = { properties?: Record<string, unknown> }
type Described = {
  /** The operation behind it; none where it is a door of its own. */
  'x-operation'?: string
  parameters?: { in: 'path' | 'query' | 'header'; name: string }[]
  requestBody?: { content: { 'application/json'?: { schema: Schema } } }
}
type Route = Described & { path: string; method: string }

const PASSWORD = 'correct horse battery'
let t: TestApp
let http: TestHttp
let routes: Route[]

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  http = await serveTestApp(t)
  const admin = await t.person('admin', { groups: [...STAFF_GROUPS] })
  await grantLogReading(t.app, admin.id)
  expect((await http.signIn(await emailOf(admin.id), PASSWORD)).status).toBe(200)
  const { paths } = (await (await http.send('GET', '/api/openapi.json')).json()) as {
    paths: Record<string, Record<string, Described>>
  }
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({ ...route, path, method: method.toUpperCase() })),
  )
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const emailOf = async (id: string) =>
  (await t.app.pool.query('select email from users where id = $1', [id])).rows[0].email as string

const filled = (path: string, value: string) => path.replace(/\{\w+\}/g, encodeURIComponent(value))

/** Every route with this text in each place that a request can fill. */
async function sendEverywhere(text: string, each: (route: Route, answer: Response) => Promise<void>) {
  for (const route of routes) {
    const { path, method, parameters = [], requestBody } = route
    const query = new URLSearchParams(
      parameters.filter((one) => one.in === 'query').map(({ name }) => [name, text]),
    )
    const fields = Object.keys(requestBody?.content['application/json']?.schema.properties ?? {})
    const body = Object.fromEntries(fields.map((field) => [field, text]))
    const answer = await http.send(method, `${filled(path, text)}?${query}`, method === 'GET' ? {} : { body })
    await each(route, answer)
  }
}

/** What an answer must not tell of the inside. */
const INSIDE = /node_modules|\.ts:\d+|at async |select .* from |insert into |syntax error|PostgreSQL|drizzle/i

describe('every route of the API', () => {
  it.each([
    `'; drop table users; -- " or 1=1 $1 \\ <script>alert(1)</script>{{7*7}}<%= 7*7 %>`,
    'a\u0000b\u202e',
    '../../etc/passwd\r\nset-cookie: a=b',
  ])('[ASVS-1.2.4, ASVS-2.2.1, ASVS-16.5.1] takes %j for what it is, in every place', async (text) => {
    const wrong: string[] = []
    await sendEverywhere(text, async ({ method, path }, answer) => {
      // Says 503 as long as nobody called this app ready.
      if (path === '/api/health/ready') return
      const told = await answer.text()
      const type = answer.headers.get('content-type') ?? ''
      const problem = answer.status < 400 || type.startsWith('application/problem+json')
      if (answer.status >= 500 || !problem || (answer.status >= 400 && INSIDE.test(told)))
        wrong.push(`${method} ${path}: ${answer.status} ${type} ${told.slice(0, 200)}`)
      if (answer.headers.getSetCookie().some((line) => line.startsWith('a='))) wrong.push(`${path}: cookie`)
    })
    expect(wrong).toEqual([])
    const { rows } = await t.app.pool.query('select count(*)::int as people from users')
    expect(rows[0].people).toBeGreaterThan(0)
  })

  it('[ASVS-3.5.3] changes nothing by GET: what stands behind one reads, or is a look that the log notes', () => {
    const kinds = new Map(operations.map(({ action, kind }) => [action, kind]))
    const behindGet = routes
      .filter(({ method }) => method === 'GET')
      .flatMap(({ 'x-operation': action }) => action ?? [])
    expect(behindGet.length).toBeGreaterThan(50)
    expect(behindGet.filter((action) => kinds.get(action) === 'verb')).toEqual(['audit.search'])
  })

  it('[ASVS-4.1.1, ASVS-14.3.2] says what its answer is, with a charset for text, and lets nobody keep it', async () => {
    const wrong: string[] = []
    for (const { path, method } of routes.filter((route) => route.method === 'GET' && route['x-operation'])) {
      const answer = await http.send(method, filled(path, 'none'))
      const body = await answer.text()
      const type = answer.headers.get('content-type') ?? ''
      const named =
        body === '' || /^application\/(problem\+)?json\b/.test(type) || /^text\/.*charset=utf-8/i.test(type)
      const kept = !/no-store/.test(answer.headers.get('cache-control') ?? '')
      if (!named || kept)
        wrong.push(`${path}: ${answer.status} "${type}" ${answer.headers.get('cache-control')}`)
    }
    expect(wrong).toEqual([])
  })

  it('[ASVS-14.2.1] has no secret in its address but where it is declared', () => {
    const secret = /token|link|password|secret|code|key$/i
    const places = routes.flatMap(({ path, parameters = [] }) =>
      parameters.filter((one) => one.in !== 'header' && secret.test(one.name)).map(() => path),
    )
    // Decision 004.
    const declared = /^\/api\/(share|unsubscribe)\/\{link\}/
    expect(places.filter((path) => !declared.test(path))).toEqual([])
  })

  it('[ASVS-15.3.6] takes no field of an object’s prototype', async () => {
    for (const body of [
      '{"__proto__":{"polluted":true},"name":"Ana"}',
      '{"constructor":{"prototype":{"polluted":true}},"name":"Ana"}',
    ]) {
      await http.send('PATCH', '/api/account', { body })
      await http.send('POST', '/api/admin/organisations', { body })
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    const unknown = await http.send('PATCH', '/api/account', { body: '{"constructor":{},"name":"Ana"}' })
    expect(unknown.status).toBe(400)
  })

  it('[ASVS-15.3.7] takes a parameter from its own place, and once', async () => {
    const twice = await http.send('GET', '/api/admin/users?limit=1&limit=100')
    expect([400, 200]).toContain(twice.status)
    if (twice.status === 200) expect((await twice.json()).items.length).toBeLessThanOrEqual(1)
    // What belongs into the address counts for nothing in a body, and the reverse.
    const misplaced = await http.send('PATCH', '/api/account?name=Eve', { body: {} })
    expect(misplaced.status).toBe(400)
    const extra = await http.send('PATCH', '/api/account', { body: { name: 'Ana', id: 'usr_other' } })
    expect(extra.status).toBe(400)
  })
})

describe('a password', () => {
  it('[ASVS-6.2.10] opens its account as long as nobody changes it', async () => {
    const email = await emailOf((await t.person('agency')).id)
    t.advance(3 * 365 * 86_400_000)
    const browser = await serveTestApp(t)
    expect((await browser.signIn(email, PASSWORD)).status).toBe(200)
    await browser.stop()
  })

  it('[ASVS-6.4.3] that is set anew by a link leaves the second factor in force', async () => {
    const { id } = await t.person('agency')
    const email = await emailOf(id)
    const browser = await serveTestApp(t)
    await browser.signIn(email, PASSWORD)
    const { secret } = await (await browser.send('POST', '/api/account/totp', { body: {} })).json()
    const code = authenticatorCode(secret, t.app.clock())
    expect((await browser.send('POST', '/api/account/totp/confirm', { body: { code } })).status).toBe(200)
    const scope = { ctx: t.app.newContext({ kind: 'anonymous', id: 'anonymous' }), keys: t.app.keys }
    const { token } = await t.app.db.transaction((tx) => makeResetToken({ ...scope, tx }, email))
    const password = 'seven plums on monday'
    expect(
      (await browser.send('POST', '/api/password-resets/use', { body: { token, password } })).status,
    ).toBe(204)
    const answer = await browser.signIn(email, password)
    expect([answer.status, await answer.json()]).toEqual([200, { owes: 'prove' }])
    expect((await browser.send('GET', '/api/account')).status).toBe(403)
    await browser.stop()
  })
})
