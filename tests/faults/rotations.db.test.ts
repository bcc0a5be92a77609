import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsubscribeToken } from '../../portal/src/modules/notifications/unsubscribe-token.ts'
import { createKeys } from '../../portal/src/platform/keys.ts'
import { standingOf } from '../../portal/src/platform/replace-secret.ts'
import { MOST_STALE_MS } from '../../portal/src/platform/seal-ring.ts'
import { loadSecrets } from '../../portal/src/platform/secrets.ts'
import { createTestDatabase } from '../support/database.ts'
import { signIn } from '../support/portal-people.ts'
import type { TestDatabase } from '../support/test-postgres.ts'
import { type PortalNode, startPortalNode } from './portal-node.ts'

const CLI = fileURLToPath(new URL('../../portal/src/cli/main.ts', import.meta.url))
const DIE = fileURLToPath(new URL('die-in-writing.ts', import.meta.url))
const CLOCK = fileURLToPath(new URL('shifted-clock.ts', import.meta.url))
const HOUR = 3_600_000
const ADMIN = { email: 'admin@portal.example', password: 'correct horse battery staple' }
/** Everything in a node or a command takes longer where others work as well. */
const PATIENCE_MS = 300_000

let database: TestDatabase
let folder: string
let env: Record<string, string>
let node: PortalNode
beforeAll(async () => {
  database = await createTestDatabase('portal')
  folder = await mkdtemp(join(tmpdir(), 'rotate-secret-'))
  env = {
    FAULTS_CLOCK_FILE: join(folder, 'clock'),
    DATABASE_URL: database.url,
    SECRETS_FILE: join(folder, 'secrets.json'),
    MASTER_KEY_FILE: join(folder, 'vault', 'master.key'),
    PUBLIC_URL: 'http://localhost:3000',
    PORTAL_ADMIN_EMAIL: ADMIN.email,
    PORTAL_ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMIT_ENFORCED: 'false',
    REVOKE_PROBE_MINUTES: '0',
    LOG_LEVEL: 'error',
  }
  await writeFile(env.FAULTS_CLOCK_FILE ?? '', '1')
  node = await startPortalNode(env, join(folder, 'node'))
}, PATIENCE_MS)
afterAll(async () => {
  await node?.stop()
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

type Ended = { status: number | NodeJS.Signals; stdout: string; stderr: string }

/** `portal …args` as a process of its own beside the running one; killed at that moment of writing a file, if one is named. */
function command(args: string[], moment = '', file = env.SECRETS_FILE): Promise<Ended> {
  const { PATH, TZ } = process.env
  const faults = { FAULTS_FILE: file, FAULTS_MOMENT: moment }
  const mine = {
    PATH,
    TZ,
    NODE_ENV: 'production' as const,
    DATA_DIR: join(folder, 'command'),
    ...env,
    ...faults,
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', CLOCK, '--import', DIE, CLI, ...args],
      { env: mine, timeout: 120_000 },
      (error, stdout, stderr) =>
        resolve({ status: error ? (error.signal ?? Number(error.code)) : 0, stdout, stderr }),
    )
  })
}
async function rotate(...args: string[]): Promise<{ name: string; oldHoldsUntil: string }> {
  const ended = await command(['keys', 'rotate-secret', ...args, '--json'])
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  return JSON.parse(ended.stdout)
}
const secrets = () => loadSecrets({ file: env.SECRETS_FILE ?? '', masterKeyFile: env.MASTER_KEY_FILE ?? '' })
/** The cookie of a new sign-in at the running portal. */
const signedIn = async () => (await signIn(node.url, ADMIN)).cookies()
const statusOf = async (path: string, headers: Record<string, string>, method = 'GET') => {
  const answer = await fetch(`${node.url}${path}`, { method, headers })
  await answer.arrayBuffer()
  return answer.status
}
const account = (cookie: string) => statusOf('/api/account', { cookie })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const toldOf = async (action: string) => {
  const { rows } = await database.pool.query<{ details: Record<string, string> }>(
    `select entry::jsonb -> 'details' as details from audit_events
     where entry::jsonb ->> 'action' = $1 and entry::jsonb ->> 'outcome' = 'allowed' order by seq`,
    [action],
  )
  return rows.map(({ details }) => details)
}
const told = async () => (await toldOf('secret.rotate')).map(({ name }) => name)

describe('[OPS-07] portal keys rotate-secret, beside a running portal', () => {
  it(
    'cookies: nobody is signed out, also by a restart; a leaked one ends at once',
    async () => {
      const old = await signedIn()
      const { oldHoldsUntil } = await rotate('cookies')
      expect(Math.abs(Date.parse(oldHoldsUntil) - Date.now() - 13 * HOUR)).toBeLessThan(HOUR / 2)
      const fresh = await signedIn()
      for (const cookie of [old, fresh]) expect(await account(cookie)).toBe(200)
      await node.kill()
      for (const cookie of [old, fresh]) expect(await account(cookie)).toBe(200)
      const leaked = await command(['keys', 'rotate-secret', 'cookies', '--at-once'])
      expect(leaked.stdout).toBe('A new one is in use for cookies; the one before holds no more.\n')
      const next = await signedIn()
      for (const cookie of [old, fresh]) expect(await account(cookie)).toBe(401)
      expect(await account(next)).toBe(200)
    },
    PATIENCE_MS,
  )

  it(
    'hashes: a link in a mail that is out still turns mails off, unless its key has leaked',
    async () => {
      const { rows } = await database.pool.query<{ id: string }>('select id from users limit 1')
      const { id = '' } = rows[0] ?? {}
      const linkNow = async () => `/api/unsubscribe/${unsubscribeToken(createKeys(await secrets()), id)}`
      const old = await linkNow()
      await rotate('hashes')
      const fresh = await linkNow()
      expect(fresh).not.toBe(old)
      for (const link of [fresh, old]) expect(await statusOf(link, {}, 'POST')).toBe(200)
      await rotate('hashes', '--at-once')
      expect(await statusOf(await linkNow(), {}, 'POST')).toBe(200)
      for (const link of [fresh, old]) expect(await statusOf(link, {}, 'POST')).toBeGreaterThanOrEqual(400)
    },
    PATIENCE_MS,
  )

  it(
    'metrics and cron: who shows the old one is let in for a day, or no more after a leak',
    async () => {
      const current = async (name: 'metrics' | 'cron') => standingOf(await secrets(), name).current
      const metrics = (token: string) => statusOf('/metrics', bearer(token))
      const cron = (token: string) => statusOf('/api/cron/access.forget-secrets', bearer(token), 'POST')
      const [scraper, clock] = [await current('metrics'), await current('cron')]
      await rotate('metrics')
      const printed = (await command(['telemetry', 'token'])).stdout.trim()
      expect(printed).not.toBe(scraper)
      for (const token of [printed, scraper]) expect(await metrics(token)).toBe(200)
      expect(await cron(clock)).toBe(202)
      await rotate('cron', '--at-once')
      expect(await cron(await current('cron'))).toBe(202)
      expect(await cron(clock)).toBe(401)
      expect(await told()).toEqual(['cookies', 'cookies', 'hashes', 'hashes', 'metrics', 'cron'])
    },
    PATIENCE_MS,
  )
})

describe('[OPS-07] a rotation that is killed', () => {
  it.each([
    ['a draft is there, and empty', false],
    ['half of it is written', false],
    ['the draft is whole', false],
    ['it has taken its place', true],
    ['it is on the disk', true],
  ])(
    'when %s leaves a portal that runs and starts, with everybody signed in, and is in the log if it took effect',
    async (moment, changes) => {
      const text = () => readFile(env.SECRETS_FILE ?? '', 'utf8')
      const [before, old, toldBefore] = [await text(), await signedIn(), (await told()).length]
      const ended = await command(['keys', 'rotate-secret', 'cookies'], moment)
      expect(ended.status).toBe('SIGKILL')
      expect((await text()) !== before).toBe(changes)
      if (changes) expect((await told()).length).toBeGreaterThan(toldBefore)
      expect(await account(old)).toBe(200)
      const fresh = await signedIn()
      await node.kill()
      for (const cookie of [old, fresh, await signedIn()]) expect(await account(cookie)).toBe(200)
    },
    PATIENCE_MS,
  )

  it(
    'after a leak has ended the old one where it took effect, at a portal that nobody told of it too; the next one goes through',
    async () => {
      const leaked = ['keys', 'rotate-secret', 'cookies', '--at-once']
      const old = await signedIn()
      expect((await command(leaked, 'the draft is whole')).status).toBe('SIGKILL')
      expect(await account(old)).toBe(200)
      expect((await command(leaked, 'it has taken its place')).status).toBe('SIGKILL')
      await expect.poll(() => account(old), { interval: 500, timeout: 6 * MOST_STALE_MS }).toBe(401)
      const fresh = await signedIn()
      await rotate('cookies')
      await node.kill()
      for (const cookie of [fresh, await signedIn()]) expect(await account(cookie)).toBe(200)
      expect(await account(old)).toBe(401)
    },
    PATIENCE_MS,
  )

  it.each([
    ['SECRETS_FILE', 'it has taken its place'],
    ['MASTER_KEY_FILE', 'the draft is whole'],
    ['MASTER_KEY_FILE', 'it has taken its place'],
  ] as const)(
    'of the master key, at %s when %s, leaves keys that open the file, and is in the log',
    async (file, moment) => {
      const [kept, before] = [await secrets(), (await toldOf('master-key.rotate')).length]
      expect((await command(['keys', 'rotate-master'], moment, env[file])).status).toBe('SIGKILL')
      expect(await secrets()).toEqual(kept)
      expect(await toldOf('master-key.rotate')).toHaveLength(before + 1)
      await node.kill()
      expect(await account(await signedIn())).toBe(200)
    },
    PATIENCE_MS,
  )

  it(
    'of the data key is in the log, and everything is sealed anew without anybody’s doing more',
    async () => {
      const old = await signedIn()
      expect((await command(['keys', 'rotate-data'], 'it has taken its place')).status).toBe('SIGKILL')
      const [{ to } = { to: '' }] = await toldOf('data-key.rotate')
      const { sealKeys = [], cronSecret } = await secrets()
      expect(sealKeys.map(({ id }) => id)).toEqual([to, expect.any(String)])
      await node.kill()
      expect(await account(old)).toBe(200)
      // As the clock does within the hour.
      expect(await statusOf('/api/cron/access.reseal', bearer(cronSecret), 'POST')).toBe(202)
      const waiting = async () => {
        const { stdout } = await command(['keys', 'data', '--json'])
        return Object.values(JSON.parse(stdout).waiting as Record<string, number>).reduce((sum, n) => sum + n)
      }
      await expect.poll(waiting, { interval: 1000, timeout: 120_000 }).toBe(0)
    },
    PATIENCE_MS,
  )
})
