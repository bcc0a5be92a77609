import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorCode } from '../../../../tests/support/authenticator.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../../tests/support/test-http.ts'
import type { Role, StaffGroup } from '../../platform/context.ts'
import { operations } from '../../registry.ts'
import { listOutbox } from '../notifications/list-outbox.ts'
import { owedBy } from './actor.ts'
import { resetSecondFactor } from './remove-second-factor.ts'

let t: TestApp
const browsers: TestHttp[] = []

beforeAll(async () => {
  t = await createTestApp({ STAFF_TOTP: 'required' })
})
afterAll(async () => {
  for (const browser of browsers) await browser.stop()
  await t?.stop()
})

async function somebody(role: Role, groups: StaffGroup[] = []) {
  const actor = await t.person(role, { groups })
  const { rows } = await t.app.pool.query('select email from users where id = $1', [actor.id])
  return { ...actor, email: rows[0].email as string }
}

async function browserOf(person: { email: string }): Promise<TestHttp> {
  const http = await serveTestApp(t)
  browsers.push(http)
  expect((await http.signIn(person.email, 'correct horse battery')).status).toBe(200)
  return http
}

const post = async (http: TestHttp, path: string, body: unknown = {}) => {
  const answer = await http.send('POST', path, { body })
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() }
}

/** Sets an authenticator up in this browser; time moves on by a step so that its next code is a fresh one. */
async function enrol(http: TestHttp) {
  const { secret } = (await post(http, '/api/account/totp')).body
  const confirmed = await post(http, '/api/account/totp/confirm', {
    code: authenticatorCode(secret, t.app.clock()),
  })
  expect(confirmed.status).toBe(200)
  t.advance(30_000)
  return { secret: secret as string, recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

const code = (secret: string) => authenticatorCode(secret, t.app.clock())
/** One that is right neither now nor in the steps beside now. */
function wrongCode(secret: string, n = 0): string {
  const near = [-1, 0, 1].map((steps) => t.app.clock().getTime() + steps * 30_000)
  const right = near.map((at) => authenticatorCode(secret, new Date(at)))
  const wrong = Array.from({ length: 20 }, (_, one) => String(one).padStart(6, '0'))
  return wrong.filter((one) => !right.includes(one))[n] as string
}
const statusOf = async (http: TestHttp, path: string) => (await http.send('GET', path)).status

describe('a second factor [IDN-01]', () => {
  it('[ASVS-6.3.3, ASVS-8.4.2] is demanded of staff: a session without one may set it up, and nothing else', async () => {
    const http = await browserOf(await somebody('admin'))
    expect(await (await http.send('GET', '/api/account/owed')).json()).toMatchObject({ owes: 'set-up' })
    const answer = await http.send('GET', '/api/admin/organisations')
    expect(answer.status).toBe(403)
    expect(((await answer.json()) as { type: string }).type).toBe('/problems/second-factor')
    await enrol(http)
    expect(await statusOf(http, '/api/admin/organisations')).toBe(200)
  })

  it('[ASVS-2.3.1, ASVS-6.3.4] keeps an owing session from every operation but those that name its state', async () => {
    const admin = await somebody('admin')
    for (const owes of ['prove', 'set-up'] as const) {
      const open = operations.filter(({ allow }) => !allow.anyone && allow.owing?.includes(owes))
      expect(open.map(({ action }) => action).sort()).toEqual(
        owes === 'prove'
          ? ['account.owed', 'account.prove-second-factor', 'user.self']
          : ['account.begin-totp', 'account.confirm-totp', 'account.owed', 'user.self'],
      )
      const shut = operations.filter((one) => !one.allow.anyone && !open.includes(one))
      expect(shut.length).toBeGreaterThan(30)
      for (const operation of shut)
        await expect(
          t.app.call(operation, {}, t.app.newContext({ ...admin, owes })),
          operation.action,
        ).rejects.toMatchObject({ code: 'second_factor' })
    }
  })

  it('[ASVS-6.3.3] is not demanded of others, who may have one; who has one shows it at each sign-in', async () => {
    const person = await somebody('guest')
    const first = await browserOf(person)
    expect(await statusOf(first, '/api/account')).toBe(200)
    const { secret } = await enrol(first)
    const second = await browserOf(person)
    expect(await statusOf(second, '/api/account')).toBe(403)
    expect(await post(second, '/api/account/second-factor', { code: code(secret) })).toEqual({
      status: 200,
      body: { right: true },
    })
    expect(await statusOf(second, '/api/account')).toBe(200)
  })

  it('[ASVS-6.5.1] takes a code once: not again, not of the step before, and of two at the same time one', async () => {
    const person = await somebody('agency')
    const { secret } = await enrol(await browserOf(person))
    const [one, two, three] = [await browserOf(person), await browserOf(person), await browserOf(person)]
    const answers = await Promise.all(
      [one, two].map((http) => post(http, '/api/account/second-factor', { code: code(secret) })),
    )
    expect(answers.map(({ body }) => body.right).sort()).toEqual([false, true])
    const again = { code: code(secret) }
    expect((await post(three, '/api/account/second-factor', again)).body.right).toBe(false)
    const before = { code: authenticatorCode(secret, new Date(t.app.clock().getTime() - 30_000)) }
    expect((await post(three, '/api/account/second-factor', before)).body.right).toBe(false)
    t.advance(30_000)
    expect((await post(three, '/api/account/second-factor', { code: code(secret) })).body.right).toBe(true)
  })

  it('[ASVS-6.5.1, ASVS-6.5.2] takes each recovery code once, tells the person, and replaces them all', async () => {
    const person = await somebody('agency')
    const first = await browserOf(person)
    const { secret, recoveryCodes } = await enrol(first)
    expect(new Set(recoveryCodes).size).toBe(10)
    const spend = async (recovery: string) =>
      (await post(await browserOf(person), '/api/account/second-factor', { code: recovery })).body.right
    // 20 characters of 58: 117 bits.
    for (const one of recoveryCodes)
      expect(one).toMatch(/^([1-9A-HJ-NP-Za-km-z]{5}-){3}[1-9A-HJ-NP-Za-km-z]{5}$/)
    expect(await spend(recoveryCodes[0]!)).toBe(true)
    expect(await spend(recoveryCodes[0]!)).toBe(false)
    expect(await spend(recoveryCodes[1]!.replace('-', ' '))).toBe(true)
    await runJobs(t)
    const outbox = await t.app.call(listOutbox, {}, t.app.newContext({ kind: 'command', id: 'test' }))
    const told = outbox.items.filter(({ to, text }) => to === person.email && text.includes('recovery code'))
    expect(told).toHaveLength(2)
    const renewed = await post(first, '/api/account/recovery-codes', { code: code(secret) })
    expect(renewed.body.recoveryCodes).toHaveLength(10)
    expect(await spend(recoveryCodes[2]!)).toBe(false)
    expect(await spend(renewed.body.recoveryCodes[2])).toBe(true)
  })

  it('is removed by who shows it; staff then set one up again', async () => {
    const http = await browserOf(await somebody('admin'))
    const { secret } = await enrol(http)
    expect((await post(http, '/api/account/totp')).status).toBe(409)
    expect((await post(http, '/api/account/totp/remove', { code: wrongCode(secret) })).status).toBe(403)
    expect((await post(http, '/api/account/totp/remove', { code: code(secret) })).status).toBe(204)
    expect(await (await http.send('GET', '/api/account/owed')).json()).toMatchObject({ owes: 'set-up' })
  })

  it('[ASVS-6.3.1] stops guessing after ten tries', async () => {
    const person = await somebody('agency')
    const { secret } = await enrol(await browserOf(person))
    const http = await browserOf(person)
    const statuses: number[] = []
    for (let n = 0; n < 10; n++)
      statuses.push((await post(http, '/api/account/second-factor', { code: wrongCode(secret, n) })).status)
    // The set-up's own confirmation was the first of the ten.
    expect(statuses).toEqual([...Array(9).fill(200), 429])
  })

  it('[ASVS-6.4.4] is reset by another administrator in group security: factors gone, sessions ended, all of it logged', async () => {
    const person = await somebody('admin')
    const http = await browserOf(person)
    await enrol(http)
    const security = await somebody('admin', ['security'])
    const reset = (actor: typeof security, id: string) =>
      t.app.call(resetSecondFactor, { id, reason: 'lost the phone' }, t.app.newContext(actor))
    await expect(reset(security, security.id)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(reset({ ...person, groups: [] }, security.id)).rejects.toMatchObject({ code: 'forbidden' })
    await reset(security, person.id)
    expect(await statusOf(http, '/api/account/owed')).toBe(401)
    const again = await browserOf(person)
    expect(await (await again.send('GET', '/api/account/owed')).json()).toEqual({
      owes: 'set-up',
      totp: false,
      passkey: false,
    })
    const resets = (await t.events()).filter(
      ({ action, target }) => action === 'user.reset-second-factor' && target.type !== 'operation',
    )
    expect(resets.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['own_factor', 'allowed'])
  })

  it('[ASVS-6.5.3] lies sealed in the database, and recovery codes as hashes', async () => {
    const { secret, recoveryCodes } = await enrol(await browserOf(await somebody('agency')))
    const { rows } = await t.app.pool.query(
      `select (select json_agg(f) from totp_factors f)::text || (select json_agg(r) from recovery_codes r)::text as all`,
    )
    const raw = Buffer.from(secret).toString('hex')
    for (const trace of [secret, raw, ...recoveryCodes]) expect(rows[0].all).not.toContain(trace)
  })
})

it('[IDN-01] [ASVS-6.8.4] what a session owes follows from what the person has and what is demanded', () => {
  const cases = [
    [{ required: true, proved: false, totp: false, passkey: false }, 'set-up'],
    [{ required: true, proved: true, totp: false, passkey: false }, 'set-up'],
    [{ required: true, proved: false, totp: true, passkey: false }, 'prove'],
    [{ required: true, proved: false, totp: false, passkey: true }, 'prove'],
    [{ required: true, proved: true, totp: false, passkey: true }, null],
    [{ required: false, proved: false, totp: true, passkey: false }, 'prove'],
    [{ required: false, proved: false, totp: false, passkey: true }, null],
    [{ required: false, proved: false, totp: false, passkey: false }, null],
  ] as const
  for (const [state, owed] of cases) expect(owedBy(state), JSON.stringify(state)).toBe(owed)
})
