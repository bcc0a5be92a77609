import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askForWork, isWorkDone } from '#portal/modules/abuse/prove-work.ts'
import { addNote, findNote, type Note } from '#portal/modules/abuse/remember-visitor.ts'
import { suspectHash } from '#portal/modules/abuse/suspect-hash.ts'
import { limitIdentities, limitIdentity } from '#portal/modules/limits/limit-identity.ts'
import { unsubscribeToken, whoUnsubscribes } from '#portal/modules/notifications/unsubscribe-token.ts'
import { personHash } from '#portal/modules/sharing/bar-viewer.ts'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { loadSecrets, secretFiles } from '#portal/platform/secrets.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { forgetSecrets, rotateSecret } from './rotate-secret.ts'

const HOUR = 3_600_000
const ORIGIN = 'http://localhost:3000'

let one: TestApp
/** Another process of the same installation: its own memory, one database and one secrets file. */
let two: TestApp
beforeAll(async () => {
  one = await createTestApp()
  const { DATABASE_URL = '', SECRETS_FILE, MASTER_KEY_FILE } = one.app.settings
  two = await createTestApp({ DATABASE_URL, SECRETS_FILE, MASTER_KEY_FILE })
})
afterAll(async () => {
  await two?.stop()
  await one?.stop()
})

const rotate = (name: 'cookies' | 'hashes' | 'metrics' | 'cron', atOnce = false, t = one) =>
  t.app.call(rotateSecret, { name, atOnce }, t.app.newContext({ kind: 'command', id: 'os:0' }))
const stored = () => loadSecrets(secretFiles(one.app.settings))
const post = (t: TestApp, path: string, headers: Record<string, string>, body: object) =>
  t.app.ports.identity.handle(
    new Request(`${ORIGIN}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
      body: JSON.stringify(body),
    }),
  )
async function signIn(t: TestApp, email: string): Promise<string> {
  const answer = await post(t, '/sign-in/email', {}, { email, password: 'correct horse battery' })
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}
const whoIs = async (t: TestApp, cookie: string) =>
  (await t.app.ports.identity.whoIs(new Headers({ cookie })))?.userId ?? null
async function member(t = one) {
  const { id } = await t.person('agency')
  const { rows } = await t.app.pool.query('select email from users where id = $1', [id])
  return { id, email: String(rows[0].email) }
}
const forget = () =>
  forgetSecrets.run({
    ...{ app: one.app, input: {}, ctx: one.app.newContext({ kind: 'system', id: 'test' }) },
    ...{ signal: new AbortController().signal, attempt: 1, maxAttempts: 1 },
  })

describe('[OPS-07] the secret that signs cookies', () => {
  it('is replaced while people are signed in: old and new cookies hold in every process, with no restart', async () => {
    const { id, email } = await member()
    const old = await signIn(one, email)
    const before = one.app.keys.auth.current()
    await rotate('cookies')
    expect(one.app.keys.auth.current()).not.toBe(before)
    for (const t of [one, two]) expect(await whoIs(t, old)).toBe(id)
    // The other process meets a signature that it may not have heard of.
    const fresh = await signIn(one, email)
    expect(await whoIs(two, fresh)).toBe(id)
    expect(two.app.keys.auth.current()).toBe(one.app.keys.auth.current())
    // Other cookies come beside it, and a changed value of it opens nothing.
    expect(await whoIs(one, `a=b; ${old}; c=d`)).toBe(id)
    expect(await whoIs(one, old.replace('session_token=', 'session_token=x'))).toBeNull()

    // Who has the old cookie ends the session that it is of.
    const left = await post(one, '/sign-out', { cookie: old }, {})
    expect(left.status).toBe(200)
    expect(await whoIs(two, old)).toBeNull()
    expect(await whoIs(two, fresh)).toBe(id)
  })

  it('holds before a second change as well, until the longest session has ended; then the file forgets it', async () => {
    const { id, email } = await member()
    const old = await signIn(one, email)
    const before = one.app.keys.auth.current()
    const { oldHoldsUntil } = await rotate('cookies')
    expect(Date.parse(oldHoldsUntil) - one.app.clock().getTime()).toBe(13 * HOUR)
    await rotate('cookies')
    await forget()
    expect(JSON.stringify(await stored())).toContain(before)
    for (const t of [one, two]) expect(await whoIs(t, old)).toBe(id)

    for (const t of [one, two]) t.advance(13 * HOUR)
    for (const t of [one, two]) expect(await whoIs(t, old)).toBeNull()
    await forget()
    expect((await stored()).past).toBeUndefined()
    const log = JSON.stringify(await one.events())
    expect(log).toContain('secret.rotate')
    for (const secret of [before, one.app.keys.auth.current()]) expect(log).not.toContain(secret)
  })

  it('that has leaked ends at once: who showed it signs in anew', async () => {
    const { id, email } = await member()
    const old = await signIn(two, email)
    await rotate('cookies', true)
    two.app.keys.auth.refresh()
    for (const t of [one, two]) expect(await whoIs(t, old)).toBeNull()
    expect(await whoIs(one, await signIn(two, email))).toBe(id)
  })

  it('survives a start: whoever starts between reads both', async () => {
    const { id, email } = await member()
    const old = await signIn(one, email)
    await rotate('cookies')
    const { DATABASE_URL = '', SECRETS_FILE, MASTER_KEY_FILE } = one.app.settings
    const started = await createTestApp({ DATABASE_URL, SECRETS_FILE, MASTER_KEY_FILE })
    started.advance(one.app.clock().getTime() - started.app.clock().getTime())
    expect(await whoIs(started, old)).toBe(id)
    await started.stop()
  })
})

describe('[OPS-07] the key of hashes in counts and logs', () => {
  it('is replaced: addresses stand under another hash in every process, and what was handed out goes on to work', async () => {
    const { id } = await member()
    const ipHash = (t: TestApp) => t.app.newContext(ANONYMOUS, { ip: '203.0.113.9' }).ipHash
    const note: Note = { kind: 'account', about: 'a'.repeat(32), holder: '' }
    const until = { now: one.app.clock(), seconds: 180 * 24 * 3600 }
    const handedOut = {
      unsubscribe: unsubscribeToken(one.app.keys, id),
      device: addNote(one.app.keys, null, note, until),
      challenge: askForWork(one.app, 'link', 'somebody'),
    }
    const throttled = limitIdentity(one.app.keys, 'user', id)
    const before = ipHash(one)
    const barred = suspectHash(one.app.keys, 'source', '203.0.113.9')
    const person = personHash(one.app.keys, 'viewer@example.com')
    await rotate('hashes')
    two.app.keys.marks.refresh()
    expect(ipHash(one)).not.toBe(before)
    expect(ipHash(two)).toBe(ipHash(one))
    expect(one.app.hashForLog('x')).toBe(two.app.hashForLog('x'))

    const proof = solve(handedOut.challenge)
    for (const t of [one, two]) {
      expect(whoUnsubscribes(t.app.keys, handedOut.unsubscribe)).toBe(id)
      expect(findNote(t.app.keys, handedOut.device, note, t.app.clock())).not.toBeNull()
    }
    expect(await isWorkDone(two.app, { door: 'link', source: 'somebody', proof })).toBe(true)
    // Blocks in force and bars of viewers stand under a key that stays.
    expect(suspectHash(two.app.keys, 'source', '203.0.113.9')).toBe(barred)
    expect(personHash(two.app.keys, 'viewer@example.com')).toEqual(person)
    // An erasure finds what was written before.
    expect(limitIdentities(two.app.keys, 'user', id)).toContain(throttled)
    expect(limitIdentity(two.app.keys, 'user', id)).not.toBe(throttled)
    // Nobody makes such a link or note without the key.
    expect(whoUnsubscribes(one.app.keys, `${id}.${'x'.repeat(43)}`)).toBeNull()
    expect(findNote(one.app.keys, `${handedOut.device}x`, note, one.app.clock())).toBeNull()
  })

  it('is met by a process that has not heard of it', async () => {
    const { id } = await member()
    await rotate('hashes')
    const token = unsubscribeToken(one.app.keys, id)
    expect(whoUnsubscribes(two.app.keys, token)).toBe(id)
  })

  it('that has leaked signs nothing any more; what stands under it is still found for an erasure', async () => {
    const { id } = await member()
    const [token, throttled] = [unsubscribeToken(one.app.keys, id), limitIdentity(one.app.keys, 'user', id)]
    await rotate('hashes', true)
    two.app.keys.marks.refresh()
    for (const t of [one, two]) {
      expect(whoUnsubscribes(t.app.keys, token)).toBeNull()
      expect(limitIdentities(t.app.keys, 'user', id)).toContain(throttled)
    }
  })
})

it('[OPS-07] what a killed process left of writing a file of keys is taken away, once nobody can be at it', async () => {
  const { SECRETS_FILE, MASTER_KEY_FILE } = one.app.settings
  const folder = dirname(SECRETS_FILE)
  const drafts = [
    `${SECRETS_FILE}.77.0011aabb.tmp`,
    `${MASTER_KEY_FILE}.77.0011aabb.tmp`,
    `${MASTER_KEY_FILE}.77.0011aabb.new`,
    `${folder}/audit-keys.json.77.0011aabb.tmp`,
  ]
  for (const draft of drafts) await writeFile(draft, 'half of it')
  await writeFile(`${SECRETS_FILE}.backup`, 'somebody’s own')
  const names = async () => (await readdir(folder)).filter((name) => /0011aabb|backup/.test(name))
  const at = one.app.clock().getTime()
  // Files bear the machine's time, and a test's clock stands elsewhere.
  one.advance(Date.now() - at)
  await forget()
  expect(await names()).toHaveLength(5)
  one.advance(2 * HOUR)
  await forget()
  expect(await names()).toEqual(['secrets.json.backup'])
  one.advance(at - one.app.clock().getTime())
})

/** Finds the counter that a browser looks for. */
function solve(challenge: string): string {
  for (let counter = 0; ; counter += 1) {
    const digest = createHash('sha256').update(`${challenge}:${counter}`).digest()
    if (digest.readUInt16BE(0) === 0) return `${challenge}.${counter}`
  }
}

describe('[OPS-07] bearer secrets', () => {
  it.each(['metrics', 'cron'] as const)(
    '%s: the old one holds for a day beside the new one',
    async (name) => {
      const of = (t: TestApp) => (name === 'metrics' ? t.app.metricsToken : t.app.cronSecret)
      const before = of(one).current()
      await rotate(name)
      const after = of(one).current()
      expect(after).not.toBe(before)
      for (const t of [two, one]) {
        expect(of(t).accepts(after)).toBe(true)
        expect(of(t).accepts(before)).toBe(true)
        expect(of(t).accepts('x'.repeat(43))).toBe(false)
      }
      for (const t of [one, two]) t.advance(24 * HOUR)
      for (const t of [one, two]) expect(of(t).accepts(before)).toBe(false)
      expect(of(two).accepts(after)).toBe(true)
    },
  )

  it('that a setting gives is changed there', async () => {
    Object.assign(one.app.settings, { CRON_SECRET: 'c'.repeat(40) })
    await expect(rotate('cron')).rejects.toThrow('CRON_SECRET gives this secret')
    Object.assign(one.app.settings, { CRON_SECRET: undefined })
  })

  it('two changes at once: both are made, one behind the other, and no other key is lost', async () => {
    const seals = one.app.keys.seal.list().map(({ id }) => id)
    const hash = (await stored()).roots?.hash ?? one.app.keys.hash.toString('base64url')
    await Promise.all([rotate('metrics'), rotate('cron', false, two), rotate('cookies')])
    const after = await stored()
    expect(after.past?.map(({ name }) => name)).toEqual(expect.arrayContaining(['metrics', 'cron', 'auth']))
    one.app.keys.seal.refresh()
    expect(one.app.keys.seal.list().map(({ id }) => id)).toEqual(seals)
    expect(after.roots?.hash).toBe(hash)
  })
})
