import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import { changePassword } from '../identity/change-password.ts'
import { createShare } from '../sharing/create-share.ts'
import { revokeShare } from '../sharing/revoke-share.ts'
import { type AbuseRuleName, DEFAULT_ABUSE_RULES } from './rules.ts'
import { setAbuseRules } from './set-abuse-rules.ts'
import { abuseWatchOf } from './watch-abuse.ts'

const THRESHOLDS = {
  'credential-stuffing': 3,
  'password-guessing': 3,
  'token-guessing': 4,
  'webhook-spoofing': 4,
  'upload-flood': 4,
} satisfies Partial<Record<AbuseRuleName, number>>

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp({ TRUST_PROXY: '1' })
  http = await serveTestApp(t)
  const staff = await t.person('admin', { groups: ['security'] })
  const rules = Object.fromEntries(
    Object.entries(THRESHOLDS).map(([name, threshold]) => {
      const { windowSeconds, lastsSeconds, alert, mode, ...rule } = DEFAULT_ABUSE_RULES[name as AbuseRuleName]
      const action = name === 'token-guessing' ? 'block' : rule.action
      return [name, { windowSeconds, lastsSeconds, action, alert, mode, threshold }]
    }),
  )
  const order = { version: 0, rules, reason: 'A test has no time for more' }
  await t.app.call(setAbuseRules, order, t.app.newContext(staff))
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

let lastSource = 0
const newSource = () => `198.51.${Math.floor(++lastSource / 200)}.${(lastSource % 200) + 1}`

type Told = { type?: string; challenge?: string; bits?: number; retryAfter: string | null; status: number }
async function ask(
  from: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Told & { cookies: string[]; standing: string | null }> {
  const answer = await fetch(`${http.origin}${path}`, {
    method,
    headers: {
      'x-forwarded-for': from,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  await abuseWatchOf(t.app).settled()
  return {
    ...(text.startsWith('{') ? JSON.parse(text) : {}),
    status: answer.status,
    standing: answer.headers.get('ratelimit'),
    retryAfter: answer.headers.get('retry-after'),
    cookies: answer.headers.getSetCookie(),
  }
}
const signIn = (from: string, email: string, password: string, headers?: Record<string, string>) =>
  ask(from, 'POST', '/api/auth/sign-in/email', { email, password }, headers)
const unknownLink = () => `/api/share/${randomBytes(32).toString('base64url')}`
const detections = async () =>
  (
    await t.app.pool.query(
      'select rule, subject, action, enforced, refused::int from abuse_detections order by detected_at, id',
    )
  ).rows

function solve({ challenge = '', bits = 0 }: Told): string {
  for (let counter = 0; ; counter += 1) {
    const digest = createHash('sha256').update(`${challenge}:${counter}`).digest()
    if (Math.clz32(digest.readUInt32BE(0)) >= bits) return `${challenge}.${counter}`
  }
}

describe('[RLA-06] credential stuffing', () => {
  it('[ASVS-6.3.1] [ASVS-16.3.3] is refused at once from its source, and from nowhere else', async () => {
    const source = newSource()
    const threshold = THRESHOLDS['credential-stuffing']
    for (let n = 0; n < threshold; n += 1)
      expect((await signIn(source, `nobody${n}@example.com`, 'wrong password')).status).toBe(401)
    const next = await signIn(source, 'nobody@example.com', 'wrong password')
    expect(next).toMatchObject({ status: 429, type: '/problems/abuse', retryAfter: '900' })
    expect((await signIn(newSource(), 'nobody@example.com', 'wrong password')).status).toBe(401)
    // Elsewhere the same source is welcome: a thousand others may sit behind it.
    expect((await ask(source, 'GET', '/api/health/live')).status).toBe(200)
    expect((await ask(source, 'GET', unknownLink())).status).toBe(403)
    const found = (await detections()).find(({ rule }) => rule === 'credential-stuffing')
    expect(found).toMatchObject({ action: 'block', enforced: true, refused: 1 })
    expect(found.subject).toMatch(/^[0-9a-f]{32}$/)
    const event = (await t.events()).find(({ action }) => action === 'abuse.detect')
    expect(event).toMatchObject({
      outcome: 'allowed',
      details: { rule: 'credential-stuffing', action: 'block' },
    })
    const { rows } = await t.app.pool.query('select key, audience from alerts where resolved_at is null')
    expect(rows).toContainEqual({ key: 'abuse:credential-stuffing', audience: ['security', 'operations'] })
    const stored = JSON.stringify((await t.app.pool.query('select * from abuse_signals')).rows)
    expect(stored).not.toContain('198.51')
    expect(stored).not.toContain('example.com')
  })

  it('[RLA-07] locks nobody out: a device where somebody signed in before still signs in, from the very source', async () => {
    const person = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    const { email } = rows[0]
    const office = newSource()
    const first = await signIn(office, email, 'correct horse battery')
    const device = first.cookies.find((line) => line.startsWith('__Host-mm-device='))?.split(';')[0] ?? ''
    expect(device).not.toContain(email)
    for (let n = 0; n < 3; n += 1) await signIn(office, `somebody${n}@example.com`, 'wrong password')
    expect((await signIn(office, email, 'correct horse battery')).status).toBe(429)
    expect((await signIn(office, email, 'correct horse battery', { cookie: device })).status).toBe(200)
    expect((await signIn(newSource(), email, 'correct horse battery')).status).toBe(200)
    // Known for this account alone, and not for what somebody writes into the cookie.
    expect((await signIn(office, 'other@example.com', 'wrong', { cookie: device })).status).toBe(429)
    const forged = `${device.slice(0, -3)}AAA`
    expect((await signIn(office, email, 'correct horse battery', { cookie: forged })).status).toBe(429)
  })

  it('[ASVS-6.3.1] gives whoever collects notes of a device the tries of one, and none once the password changed', async () => {
    const person = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    const { email } = rows[0]
    const office = newSource()
    const notes: string[] = []
    for (let n = 0; n < 3; n += 1) {
      const { cookies } = await signIn(office, email, 'correct horse battery')
      notes.push(cookies.find((line) => line.startsWith('__Host-mm-device='))?.split(';')[0] ?? '')
      t.advance(1000)
    }
    expect(new Set(notes).size).toBe(3)
    // Nobody who is not known gets in from here.
    for (let n = 0; n < 3; n += 1) await signIn(office, `collector${n}@example.com`, 'wrong password')
    const left: number[] = []
    for (const cookie of notes) {
      const { status, standing } = await signIn(office, email, 'wrong password', { cookie })
      expect(status).toBe(401)
      left.push(Number(/r=(\d+)/.exec(standing ?? '')?.[1]))
    }
    const [first = 0] = left
    expect(left).toEqual([first, first - 1, first - 2])
    const changed = {
      currentPassword: 'correct horse battery',
      newPassword: 'another horse battery',
      endOthers: true,
    }
    await t.app.call(changePassword, changed, t.app.newContext(person))
    for (const cookie of notes)
      expect((await signIn(office, email, 'wrong password', { cookie })).status).toBe(429)
  })

  it('is not seen in people who mistype and then sign in, however many share an address', async () => {
    const office = newSource()
    for (let n = 0; n < 4; n += 1) {
      const person = await t.person('agency')
      const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
      for (let m = 0; m < 2; m += 1)
        expect((await signIn(office, rows[0].email, 'mistyped')).status).toBe(401)
      expect((await signIn(office, rows[0].email, 'correct horse battery')).status).toBe(200)
    }
  })
})

describe('[RLA-06] passwords guessed at one account from everywhere', () => {
  it('ask for a proof of work that is good for one request, one door and one source', async () => {
    const threshold = THRESHOLDS['password-guessing']
    const email = 'target@example.com'
    for (let n = 0; n < threshold; n += 1) await signIn(newSource(), email, 'wrong password')
    const here = newSource()
    const told = await signIn(here, email, 'wrong password')
    expect(told).toMatchObject({ status: 429, type: '/problems/challenge', bits: 16 })
    const proof = { 'x-work-proof': solve(told) }
    expect((await signIn(newSource(), email, 'wrong password', proof)).status).toBe(429)
    expect((await signIn(here, email, 'wrong password', proof)).status).toBe(401)
    expect((await signIn(here, email, 'wrong password', proof)).status).toBe(429)
    const lazy = { 'x-work-proof': `${(await signIn(here, email, 'wrong')).challenge}.0` }
    expect((await signIn(here, email, 'wrong password', lazy)).status).toBe(429)
    expect((await signIn(here, 'another@example.com', 'wrong password')).status).toBe(401)
  })
})

describe('[RLA-06] guessed links', () => {
  it('close links to their source until they are let go, and then for longer', async () => {
    const source = newSource()
    const guess = async () => {
      for (let n = 0; n < THRESHOLDS['token-guessing']; n += 1) await ask(source, 'GET', unknownLink())
      return await ask(source, 'GET', unknownLink())
    }
    expect((await guess()).retryAfter).toBe('900')
    t.advance(901_000)
    expect((await ask(source, 'GET', unknownLink())).status).toBe(403)
    expect((await guess()).retryAfter).toBe('1800')
  })

  it('[SPS-07] are counted the same whether a link never was or has ended: the count tells nobody which', async () => {
    const owner = await t.person('agency')
    const ended = async () => {
      const input = { videoId: await t.video(owner), access: 'link' as const }
      const made = await t.app.call(createShare, input, t.app.newContext(owner))
      if (made.status !== 'active') throw new Error('the link waits for a second person')
      await t.app.call(revokeShare, { id: made.id, reason: 'other' }, t.app.newContext(owner))
      return `/api/share/${made.token}`
    }
    const answers = async (links: string[]) => {
      const source = newSource()
      const seen: number[] = []
      for (const link of links) seen.push((await ask(source, 'GET', link)).status)
      return seen
    }
    const tries = THRESHOLDS['token-guessing'] + 1
    const never = await answers(Array.from({ length: tries }, unknownLink))
    expect(never).toEqual([...new Array(tries - 1).fill(403), 429])
    const dead: string[] = []
    for (let n = 0; n < tries; n += 1) dead.push(await ended())
    expect(await answers(dead)).toEqual(never)
    expect(await answers(dead.map((link, n) => (n % 2 === 0 ? link : unknownLink())))).toEqual(never)
    // Who reloads one dead link, however often, guesses nothing.
    expect(await answers(new Array(tries * 2).fill(dead[0]))).not.toContain(429)
  })
})

describe('[RLA-06] forged webhooks', () => {
  it('are refused one by one and told of once they are many; whoever signs is let in from the same place', async () => {
    const forged = { 'mux-signature': 't=1,v1=00' }
    const source = newSource()
    for (let n = 0; n <= THRESHOLDS['webhook-spoofing']; n += 1)
      expect((await ask(source, 'POST', '/api/webhooks/mux', { type: 'x' }, forged)).status).toBe(401)
    const { rows } = await t.app.pool.query(`select 1 from abuse_detections where rule = 'webhook-spoofing'`)
    expect(rows).toHaveLength(1)
    const event = {
      id: randomUUID(),
      type: 'video.asset.ready',
      created_at: t.app.clock().toISOString(),
      data: { id: 'a' },
    }
    const signature = t.mux.sign(JSON.stringify(event), { at: t.app.clock() })
    const signed = await ask(source, 'POST', '/api/webhooks/mux', event, { 'mux-signature': signature })
    expect(signed.status).toBe(200)
  })
})

describe('[RLA-06] floods of uploads', () => {
  it('are slowed down for the person who begins them, whatever their address', async () => {
    const person = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    const { cookies } = await signIn(newSource(), rows[0].email, 'correct horse battery')
    const cookie = cookies.map((line) => line.split(';', 1)[0]).join('; ')
    const begin = () => ask(newSource(), 'POST', '/api/uploads', { filename: '' }, { cookie })
    for (let n = 0; n < THRESHOLDS['upload-flood']; n += 1) await begin()
    await begin()
    const slowed = await begin()
    expect(slowed).toMatchObject({ status: 429, type: '/problems/abuse' })
    expect(Number(slowed.retryAfter)).toBeLessThanOrEqual(30)
  })
})
