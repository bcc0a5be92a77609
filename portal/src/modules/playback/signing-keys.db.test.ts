import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { listSigningKeys } from './list-signing-keys.ts'
import { reviewRotation } from './review-rotation.ts'
import { OVERLAP_MS, rotateSigningKey } from './rotate-signing-key.ts'
import { currentSigningKey } from './signing-key.ts'

const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const DAY_MS = 86_400_000

describe('signing keys', () => {
  let t: TestApp
  let security: Awaited<ReturnType<TestApp['person']>>
  beforeEach(async () => {
    t = await createTestApp()
    security = await t.person('admin', { groups: ['security'] })
  })
  afterEach(async () => {
    await t?.stop()
  })

  const as = (actor = security) => t.app.newContext(actor)
  const rotate = (input: object, actor = security) => t.app.call(rotateSigningKey, input, as(actor))
  const list = async () => (await t.app.call(listSigningKeys, {}, as())).items
  const tend = async () => {
    expect(await t.app.runScheduledJob('playback.tend-signing-keys')).toBe(true)
    await runJobs(t)
  }
  const deletions = () => t.mux.calls.filter((call) => call.startsWith('DELETE /system/v1/signing-keys/'))
  const alerts = async () =>
    (await t.app.pool.query('select key, severity from alerts where resolved_at is null order by key')).rows
  const kid = async () => (await currentSigningKey(t.app)).id

  it('[SPS-09] [ASVS-11.2.2, ASVS-11.2.3] rotates after ninety days: the new key signs at once, the old one ends with its last token', async () => {
    const first = await kid()
    t.advance(90 * DAY_MS - 1000)
    await tend()
    expect(await kid()).toBe(first)

    t.advance(2000)
    await tend()
    const second = await kid()
    expect(second).not.toBe(first)
    expect(await list()).toMatchObject([
      { id: second, state: 'signing' },
      { id: first, state: 'ending', reason: 'scheduled' },
    ])
    t.advance(OVERLAP_MS - 5000)
    await tend()
    expect(deletions()).toEqual([])

    t.advance(5000)
    await tend()
    expect(deletions()).toEqual([`DELETE /system/v1/signing-keys/${first}`])
    expect((await list()).find(({ id }) => id === first)).toMatchObject({ state: 'deleted' })
    const { rows } = await t.app.pool.query('select private_key_sealed from signing_keys where id = $1', [
      first,
    ])
    expect(rows[0].private_key_sealed).toHaveLength(0)
    const events = (await t.events()).filter(({ action }) => action.startsWith('signing-key.'))
    expect(events.map(({ action, reason, target }) => [action, reason, target.id])).toEqual([
      ['signing-key.create', null, first],
      ['signing-key.rotate', 'scheduled', second],
      ['signing-key.delete', 'scheduled', first],
    ])
  })

  it('[SPS-09] after a compromise deletes every old key in the same request, and a second person reviews it', async () => {
    const first = await kid()
    const { id: second } = await rotate({})
    await expect(rotate({ reason: 'compromised' })).rejects.toMatchObject({ code: 'invalid' })
    const done = await rotate({ reason: 'compromised', note: 'A laptop was lost' })
    expect(done).toMatchObject({ retiredId: second, oldTokensDead: true })
    expect(deletions().toSorted()).toEqual(
      [first, second].map((id) => `DELETE /system/v1/signing-keys/${id}`).toSorted(),
    )
    expect(await alerts()).toEqual([{ key: `signing-key.compromised:${second}`, severity: 'critical' }])
    expect(JSON.stringify(await t.events())).not.toContain('A laptop was lost')

    await expect(t.app.call(reviewRotation, { id: second }, as())).rejects.toMatchObject({ code: 'conflict' })
    const other = await t.person('admin', { groups: ['compliance'] })
    await t.app.call(reviewRotation, { id: second }, as(other))
    expect(await alerts()).toEqual([])
    await expect(t.app.call(reviewRotation, { id: second }, as(other))).rejects.toMatchObject({
      code: 'conflict',
    })
    expect((await list()).find(({ id }) => id === second)).toMatchObject({ review: 'done', state: 'deleted' })
  })

  it('a process that has the old key at hand hears of the new one at once, whatever its clock says', async () => {
    const first = await kid()
    const { id } = await rotate({ reason: 'compromised', note: 'Found in a backup' })
    await expect.poll(kid, { timeout: 20_000 }).toBe(id)
    expect(id).not.toBe(first)
  })

  it('tries a deletion that failed again, and says so meanwhile', async () => {
    const first = await kid()
    const before = t.mux.calls.length
    t.mux.refuse(/^DELETE \/system\/v1\/signing-keys\//)
    const done = await rotate({ reason: 'compromised', note: 'Seen in a log' })
    expect(done.oldTokensDead).toBe(false)
    expect((await list())[1]).toMatchObject({ id: first, state: 'ending' })
    expect(await alerts()).toContainEqual({ key: 'signing-key.undeleted', severity: 'critical' })
    t.mux.refuse(null)
    await runJobs(t)
    expect((await list())[1]).toMatchObject({ id: first, state: 'deleted' })
    expect(await alerts()).not.toContainEqual({ key: 'signing-key.undeleted', severity: 'critical' })
    expect(t.mux.calls.length).toBeGreaterThan(before)
  })

  it('of rotations at once one wins, and no key of the others is left at the video service', async () => {
    const results = await Promise.allSettled([rotate({}), rotate({}), rotate({})])
    const won = results.filter(({ status }) => status === 'fulfilled')
    const made = t.mux.calls.filter((call) => call === 'POST /system/v1/signing-keys').length
    // Whoever came after the first had committed has rotated the new key in its turn.
    expect(deletions()).toHaveLength(made - 1 - won.length)
    expect((await list()).filter(({ state }) => state === 'signing')).toHaveLength(1)
  })

  it('is for the group security alone', async () => {
    const plain = await t.person('admin')
    await expect(rotate({}, plain)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(rotate({}, await t.person('agency', { groups: ['security'] }))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  // It starts the command line in a process of its own: on a busy machine that alone takes a while.
  it('[ASVS-13.3.1] keeps no private key in the open: not in the database, not in the log, not in an answer', {
    timeout: 60_000,
  }, async () => {
    const key = await currentSigningKey(t.app)
    const jwk = key.privateKey.export({ format: 'jwk' }) as Record<string, string>
    await rotate({})
    const said = JSON.stringify([await list(), await t.events()]) + (await rotateByCommand(t))
    const stored = await everything(t)
    for (const form of formsOf(jwk.d!, key.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString())) {
      expect(said).not.toContain(form)
      expect(stored).not.toContain(form)
    }
    // The search finds what is there to be found.
    const stray = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const pem = stray.export({ format: 'pem', type: 'pkcs1' }).toString()
    await t.app.pool.query(`update signing_keys set private_key_sealed = $1`, [Buffer.from(pem)])
    const forms = formsOf((stray.export({ format: 'jwk' }) as { d: string }).d, pem)
    const open = await everything(t)
    expect(forms.some((form) => open.includes(form))).toBe(true)
  })
})

/** A private key's exponent and PEM in the spellings in which they would lie about: text, and bytes as hexadecimal. */
function formsOf(d: string, pem: string): string[] {
  const body = pem.split('\n')[5]!
  return [
    d.slice(0, 40),
    body,
    Buffer.from(body).toString('hex'),
    Buffer.from(d, 'base64url').toString('hex').slice(0, 60),
  ]
}

/** `keys rotate` in a process of its own: all that it says and logs, down to the least severe. */
async function rotateByCommand({ app, mux }: TestApp): Promise<string> {
  const { DATABASE_URL = '', DATA_DIR, SECRETS_FILE } = app.settings
  const { stdout, stderr } = await run(process.execPath, [CLI, 'keys', 'rotate', '--json'], {
    env: {
      ...{ DATABASE_URL, DATA_DIR, SECRETS_FILE, LOG_LEVEL: 'trace', MUX_BASE_URL: mux.origin },
      MUX_TOKEN_ID: mux.credentials.tokenId,
      MUX_TOKEN_SECRET: mux.credentials.tokenSecret,
      MUX_WEBHOOK_SECRET: mux.credentials.webhookSecret,
      NODE_ENV: 'production',
    },
  })
  expect(stdout).toContain('retiredId')
  return stdout + stderr
}

/** Every row of every table as text. */
async function everything({ app }: TestApp): Promise<string> {
  const { rows } = await app.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const texts = []
  for (const { name } of rows) {
    const all = await app.pool.query(
      `select coalesce(string_agg(t::text, E'\\n'), '') as text from ${name} t`,
    )
    texts.push(all.rows[0].text)
  }
  return texts.join('\n')
}
