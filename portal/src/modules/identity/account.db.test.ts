import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import type { Role, StaffGroup } from '../../platform/context.ts'
import { listOutbox } from '../notifications/list-outbox.ts'
import { deactivateMember, reactivateMember } from './change-member.ts'

const PASSWORD = 'correct horse battery'
const OTHER_PASSWORD = 'seven plums on monday'

let t: TestApp
const browsers: TestHttp[] = []

beforeAll(async () => {
  t = await createTestApp({ TRUST_PROXY: '1' })
})
afterAll(async () => {
  for (const browser of browsers) await browser.stop()
  await t?.stop()
})

/** Each at an address of its own: what is counted by address is tried elsewhere. */
async function browser(): Promise<TestHttp> {
  const http = await serveTestApp(t)
  const ip = `192.0.2.${browsers.push(http)}`
  const send: TestHttp['send'] = (method, path, { body, headers } = {}) =>
    http.send(method, path, { body, headers: { 'x-forwarded-for': ip, ...headers } })
  const signIn = (email: string, password: string) =>
    send('POST', '/api/auth/sign-in/email', { body: { email, password } })
  return { ...http, send, signIn }
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
  return { status: answer.status, body: text ? JSON.parse(text) : null, headers: answer.headers }
}
const statusOf = async (http: TestHttp, path = '/api/account') => (await http.send('GET', path)).status

/** What was mailed to an address, newest first. */
async function mailsTo(email: string): Promise<string[]> {
  await runJobs(t)
  const { items } = await t.app.call(listOutbox, {}, t.app.newContext({ kind: 'command', id: 'test' }))
  return items.filter(({ to }) => to === email).map(({ text }) => text)
}
const codeIn = (text: string | undefined) => text?.match(/\b\d{6}\b/)?.[0] ?? ''

describe('sessions [IDN-01]', () => {
  it('[ASVS-7.4.1, ASVS-15.3.1] are listed with their device and nothing that tells more, and ended one by one', async () => {
    const { http, email } = await somebody()
    const other = await browser()
    await other.send('POST', '/api/auth/sign-in/email', {
      body: { email, password: PASSWORD },
      headers: {
        'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/141.0.0.0 Safari/537.36',
      },
    })
    const list = (await (await http.send('GET', '/api/account/sessions')).json()) as {
      id: string
      device: string
      isThisOne: boolean
    }[]
    expect(list.map(({ device, isThisOne }) => [device, isThisOne])).toEqual([
      ['Chrome on macOS', false],
      ['Unknown device', true],
    ])
    expect(await statusOf(other)).toBe(200)
    expect((await http.send('DELETE', `/api/account/sessions/${list[0]!.id}`)).status).toBe(204)
    expect(await statusOf(other)).toBe(401)
    expect((await http.send('DELETE', `/api/account/sessions/${list[0]!.id}`)).status).toBe(404)
  })

  it('[ASVS-7.4.3] of somebody else can’t be ended; all others of one’s own can at once', async () => {
    const mine = await somebody()
    const stranger = await somebody()
    const [theirs] = (await (await stranger.http.send('GET', '/api/account/sessions')).json()) as {
      id: string
    }[]
    expect((await mine.http.send('DELETE', `/api/account/sessions/${theirs!.id}`)).status).toBe(404)
    const second = await browser()
    await second.signIn(mine.email, PASSWORD)
    expect((await post(mine.http, '/api/account/sessions/end-others')).body).toEqual({ ended: 1 })
    expect([await statusOf(second), await statusOf(mine.http), await statusOf(stranger.http)]).toEqual([
      401, 200, 200,
    ])
  })

  it.each([
    ['admin', 61, 401],
    ['admin', 55, 200],
    ['agency', 61, 200],
    ['agency', 241, 401],
  ] as const)(
    '[ASVS-7.3.1] of an %s that was not used for %i minutes answers %i',
    async (role, minutes, status) => {
      const { http, id } = await somebody(role)
      expect(await statusOf(http)).toBe(200)
      await t.app.pool.query(
        `update sessions set last_seen_at = clock_timestamp() - make_interval(mins => $2) where user_id = $1`,
        [id, minutes],
      )
      expect(await statusOf(http)).toBe(status)
    },
  )

  it('[ASVS-7.3.2, ASVS-14.3.1] end after twelve hours though they are used, and clear what the browser kept at sign-out', async () => {
    const { http, id } = await somebody()
    await t.app.pool.query(
      `update sessions set created_at = created_at - interval '11 hours', expires_at = expires_at - interval '11 hours' where user_id = $1`,
      [id],
    )
    expect(await statusOf(http)).toBe(200)
    const { rows } = await t.app.pool.query(
      `select expires_at < now() + interval '61 minutes' as soon from sessions where user_id = $1`,
      [id],
    )
    expect(rows).toEqual([{ soon: true }])
    const out = await post(http, '/api/auth/sign-out')
    expect(out.headers.get('clear-site-data')).toBe('"cache", "storage"')
    expect(await statusOf(http)).toBe(401)
  })
})

describe('a code from a mail [IDN-01]', () => {
  it('[ASVS-3.3.4, ASVS-6.5.4, ASVS-6.6.2] signs in once, on the page that asked for it', async () => {
    const { email, id } = await somebody()
    const http = await browser()
    const { body } = await post(http, '/api/sign-in-codes', { email: email.toUpperCase() })
    const code = codeIn((await mailsTo(email))[0])
    expect((await post(http, '/api/auth/sign-in/code', { id: 'prf_another', code })).status).toBe(403)
    const answer = await post(http, '/api/auth/sign-in/code', { id: body.id, code })
    expect([answer.status, answer.body]).toEqual([200, { owes: null }])
    expect(await statusOf(http)).toBe(200)
    expect((await post(await browser(), '/api/auth/sign-in/code', { id: body.id, code })).status).toBe(403)
    const signIns = (await t.events()).filter(({ action }) => action === 'session.sign-in-by-code')
    expect(signIns.map(({ outcome }) => outcome)).toEqual(['refused', 'allowed', 'refused'])
    expect(signIns[1]!.target.id).toBe(id)
  })

  it('[ASVS-6.3.1, ASVS-6.5.5, ASVS-6.6.3] ends after five wrong tries and after ten minutes', async () => {
    const { email } = await somebody()
    const http = await browser()
    const ask = async () => (await post(http, '/api/sign-in-codes', { email })).body.id as string
    const first = await ask()
    const code = codeIn((await mailsTo(email))[0])
    const wrong = code === '000000' ? '111111' : '000000'
    for (let n = 0; n < 5; n++)
      expect((await post(http, '/api/auth/sign-in/code', { id: first, code: wrong })).status).toBe(403)
    expect((await post(http, '/api/auth/sign-in/code', { id: first, code })).status).toBe(403)
    const second = await ask()
    const late = codeIn((await mailsTo(email))[0])
    t.advance(10 * 60_000)
    expect((await post(http, '/api/auth/sign-in/code', { id: second, code: late })).status).toBe(403)
  })

  it('[ASVS-6.3.8] is asked for alike by addresses that nobody has: same answer, same rows, no mail', async () => {
    const { email } = await somebody()
    const http = await browser()
    const trace = async (address: string) => {
      const count = async () => {
        const { rows } = await t.app.pool.query(
          `select (select count(*) from account_proofs)::int as proofs, (select count(*) from graphile_worker.jobs)::int as jobs,
                  (select count(*) from audit_events)::int as events`,
        )
        return rows[0] as Record<string, number>
      }
      const before = await count()
      const answer = await post(http, '/api/sign-in-codes', { email: address })
      const after = await count()
      const added = Object.fromEntries(Object.keys(after).map((key) => [key, after[key]! - before[key]!]))
      return { status: answer.status, keys: Object.keys(answer.body), added }
    }
    const known = await trace(email)
    expect(await trace('nobody@nowhere.example')).toEqual(known)
    expect(await mailsTo('nobody@nowhere.example')).toEqual([])
    expect(await mailsTo(email)).toHaveLength(1)
  })

  it('[ASVS-6.6.3] is sent to one address at most five times an hour, wherever it is asked from', async () => {
    const { email } = await somebody()
    const http = await browser()
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await post(http, '/api/sign-in-codes', { email })).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })
})

describe('a password [IDN-01]', () => {
  it('[ASVS-6.2.2, ASVS-6.2.3, ASVS-7.4.3] is changed by who knows it; a leaked one is refused; other sessions end', async () => {
    const { http, email } = await somebody()
    const other = await browser()
    await other.signIn(email, PASSWORD)
    const change = (currentPassword: string, newPassword: string) =>
      post(http, '/api/account/password', { currentPassword, newPassword })
    expect((await change('not the password', OTHER_PASSWORD)).status).toBe(403)
    const poor = await change(PASSWORD, 'password1234')
    expect([poor.status, poor.body.errors[0].path]).toEqual([400, 'newPassword'])
    expect(poor.body.detail).toContain('Three or four random words')
    expect((await change(PASSWORD, OTHER_PASSWORD)).body).toEqual({ ended: 1 })
    expect([await statusOf(http), await statusOf(other)]).toEqual([200, 401])
    expect((await (await browser()).signIn(email, PASSWORD)).status).toBe(401)
    expect((await (await browser()).signIn(email, OTHER_PASSWORD)).status).toBe(200)
    expect((await mailsTo(email))[0]).toContain('password of your account was changed')
  })

  it('is set anew by a link from a mail, once, within half an hour; all sessions end', async () => {
    const { http, email } = await somebody()
    const visitor = await browser()
    const linkToken = async () => {
      expect((await post(visitor, '/api/password-resets', { email })).status).toBe(204)
      // Beside it the queue may send another: which of them comes to stand first is chance.
      return (
        (await mailsTo(email)).flatMap((text) => /reset-password#([\w-]+)/.exec(text)?.[1] ?? [])[0] ?? ''
      )
    }
    const use = async (token: string, password = OTHER_PASSWORD) =>
      (await post(visitor, '/api/password-resets/use', { token, password })).status
    const token = await linkToken()
    expect(await use(token, 'password1234')).toBe(400)
    expect(await use(token)).toBe(204)
    expect(await use(token)).toBe(403)
    expect(await statusOf(http)).toBe(401)
    expect((await visitor.signIn(email, OTHER_PASSWORD)).status).toBe(200)
    const late = await linkToken()
    t.advance(30 * 60_000)
    expect(await use(late)).toBe(403)
    expect((await post(visitor, '/api/password-resets', { email: 'nobody@nowhere.example' })).status).toBe(
      204,
    )
    expect(await mailsTo('nobody@nowhere.example')).toEqual([])
  })

  it('[ASVS-6.4.3] is set anew by the links of before its last change no more', async () => {
    const { email, http } = await somebody()
    for (let n = 0; n < 3; n += 1) await post(http, '/api/password-resets', { email })
    const tokens = (await mailsTo(email)).flatMap((text) => /reset-password#([\w-]+)/.exec(text)?.[1] ?? [])
    expect(tokens).toHaveLength(3)
    const use = async (token: string | undefined, password: string) =>
      (await post(http, '/api/password-resets/use', { token, password })).status
    t.advance(1000)
    expect(await use(tokens[0], OTHER_PASSWORD)).toBe(204)
    expect(await use(tokens[1], 'nine pears on tuesday')).toBe(403)
    await http.signIn(email, OTHER_PASSWORD)
    const change = { currentPassword: OTHER_PASSWORD, newPassword: 'ten figs on wednesday' }
    await post(http, '/api/password-resets', { email })
    const [late] = (await mailsTo(email)).flatMap((text) => /reset-password#([\w-]+)/.exec(text)?.[1] ?? [])
    t.advance(1000)
    expect((await post(http, '/api/account/password', change)).status).toBe(200)
    expect(await use(late, 'nine pears on tuesday')).toBe(403)
    expect((await http.signIn(email, 'ten figs on wednesday')).status).toBe(200)
  })

  it('[ASVS-6.2.12] that is leaked makes no account, whoever makes it', async () => {
    const admin = await somebody('admin', ['security'])
    const invited = await post(admin.http, '/api/admin/invitations', {
      email: 'ines@harbour.example',
      organisation: 'Harbour Pictures',
    })
    const accept = async (password: string) =>
      await post(await browser(), '/api/invitations/accept', {
        token: new URL(invited.body.url).hash.slice(1),
        name: 'Ines Duarte',
        password,
      })
    for (const poor of ['password1234', 'ines.duarte1', 'HarbourPictures1']) {
      const answer = await accept(poor)
      expect([answer.status, answer.body.errors[0].path], poor).toEqual([400, 'password'])
    }
    expect((await accept(OTHER_PASSWORD)).status).toBe(201)
    expect(JSON.stringify(await t.events())).not.toContain('password1234')
  })
})

describe('one’s own details [IDN-01]', () => {
  it('takes another name', async () => {
    const { http } = await somebody('guest')
    expect((await http.send('PATCH', '/api/account', { body: { name: 'Ana Ferreira' } })).status).toBe(200)
    expect(await (await http.send('GET', '/api/account')).json()).toMatchObject({ name: 'Ana Ferreira' })
  })

  it('[ASVS-6.3.7] takes another address with the codes from both, and tells the old one', async () => {
    const { http, email } = await somebody()
    const taken = await somebody()
    const next = `new.${email}`
    const { body } = await post(http, '/api/account/email', { email: next })
    const newCode = codeIn((await mailsTo(next))[0])
    const presentCode = codeIn((await mailsTo(email))[0])
    const confirm = (codes: Record<string, string>, by = http) =>
      post(by, '/api/account/email/confirm', { id: body.id, newCode, presentCode, ...codes })
    const off = (code: string) => (code === '000000' ? '111111' : '000000')
    expect((await confirm({ presentCode: off(presentCode) })).body).toEqual({ changed: false })
    expect((await confirm({ newCode: off(newCode) })).body).toEqual({ changed: false })
    expect((await confirm({}, taken.http)).body).toEqual({ changed: false })
    expect((await confirm({})).body).toEqual({ changed: true })
    expect((await mailsTo(email))[0]).toContain('another e-mail address')
    expect((await (await browser()).signIn(next, PASSWORD)).status).toBe(200)
    expect((await (await browser()).signIn(email, PASSWORD)).status).toBe(401)
  })

  it('keeps no code, no token and no address in the clear on their way', async () => {
    const { http, email } = await somebody()
    await post(http, '/api/account/email', { email: `plain.${email}` })
    await post(http, '/api/sign-in-codes', { email })
    const { rows } = await t.app.pool.query(
      `select (select json_agg(p) from account_proofs p)::text || (select json_agg(j) from graphile_worker._private_jobs j)::text as all`,
    )
    expect(rows[0].all).not.toContain(email)
  })
})

describe('somebody who was deactivated [IDN-01]', () => {
  it('[ASVS-7.4.2] begins no session, by password or code; is answered as a stranger; and comes back to none', async () => {
    const { email, id } = await somebody()
    const keeper = t.app.newContext(await t.person('admin', { groups: ['operations'] }))
    const http = await browser()
    const { body: asked } = await post(http, '/api/sign-in-codes', { email })
    const code = codeIn((await mailsTo(email))[0])
    await t.app.call(deactivateMember, { id }, keeper)

    const answerTo = async (address: string, password: string) => {
      const { status, body, headers } = await post(http, '/api/auth/sign-in/email', {
        email: address,
        password,
      })
      return { status, body: { ...body, instance: '' }, cookies: headers.getSetCookie() }
    }
    expect(await answerTo(email, PASSWORD)).toEqual(await answerTo('stranger@example.com', PASSWORD))
    expect((await post(http, '/api/auth/sign-in/code', { id: asked.id, code })).status).toBe(403)
    const mailed = (await mailsTo(email)).length
    for (const path of ['/api/sign-in-codes', '/api/password-resets'])
      expect((await post(http, path, { email })).status).toBeLessThan(300)
    expect(await mailsTo(email)).toHaveLength(mailed)
    const { rows } = await t.app.pool.query('select 1 from sessions where user_id = $1', [id])
    expect(rows).toHaveLength(0)
    const refusals = (await t.events()).filter(
      ({ outcome, target }) => outcome === 'refused' && target.id === id,
    )
    expect(refusals.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
      'session.sign-in deactivated',
      'session.sign-in-by-code deactivated',
    ])

    await t.app.call(reactivateMember, { id }, keeper)
    expect(await statusOf(http)).toBe(401)
    expect((await http.signIn(email, PASSWORD)).status).toBe(200)
    expect(await statusOf(http)).toBe(200)
  })
})
