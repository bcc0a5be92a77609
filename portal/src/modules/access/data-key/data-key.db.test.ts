import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginTotp } from '#portal/modules/identity/set-up-totp.ts'
import { requestSignInCode } from '#portal/modules/identity/sign-in-code.ts'
import { currentSigningKey } from '#portal/modules/playback/signing-key.ts'
import { resumeUpload } from '#portal/modules/uploads/resume-upload.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { headOf, seal, unseal } from '#portal/platform/crypto.ts'
import { sealKeysOf } from '#portal/platform/seal-keys.ts'
import { createSealRing, type SealRing } from '#portal/platform/seal-ring.ts'
import { loadSecrets, secretFiles } from '#portal/platform/secrets.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { destroyOldKeys, SETTLE_MS } from './destroy-old-keys.ts'
import { resealJob } from './reseal-job.ts'
import { resealBatch } from './reseal-rows.ts'
import { changeDataKey, readDataKeys } from './rotate-data-key.ts'
import { SEALED_COLUMNS, type SealedColumn } from './sealed-places.ts'

const FILE = { filename: 'Sprint 4.mov', contentType: 'video/quicktime', size: 9_000_000 }

let one: TestApp
/** Another process of the same installation: its own memory, one database and one secrets file. */
let two: TestApp
beforeAll(async () => {
  one = await createTestApp()
  two = await createTestApp(sameInstallation())
})
const sameInstallation = () => {
  const { DATABASE_URL = '', SECRETS_FILE, MASTER_KEY_FILE, MUX_BASE_URL = '' } = one.app.settings
  const { MUX_TOKEN_ID = '', MUX_TOKEN_SECRET = '' } = one.app.settings
  return { DATABASE_URL, SECRETS_FILE, MASTER_KEY_FILE, MUX_BASE_URL, MUX_TOKEN_ID, MUX_TOKEN_SECRET }
}
afterAll(async () => {
  await two?.stop()
  await one?.stop()
})

const command = (t: TestApp) => t.app.newContext({ kind: 'command', id: 'os:0' })
const status = () => one.app.call(readDataKeys, {}, command(one))
const stored = () => loadSecrets(secretFiles(one.app.settings))
/** One run of the job, as the worker of `one` does it; what it orders for later stays in the queue. */
const reseal = () =>
  resealJob.run({
    app: one.app,
    input: resealJob.input.parse({}),
    ctx: one.app.newContext({ kind: 'system', id: 'test' }),
    signal: new AbortController().signal,
    attempt: 1,
    maxAttempts: 1,
  })
const auditKeys = () => join(dirname(one.app.settings.SECRETS_FILE), 'audit-keys.json')
const actions = async () => (await one.events()).map(({ action }) => action)

/** What both processes do all day: seal here, open there. */
function keepBusy(owner: Awaited<ReturnType<TestApp['person']>>) {
  let [running, rounds] = [true, 0]
  const work = async () => {
    while (running) {
      const [from, to] = rounds % 2 === 0 ? [one, two] : [two, one]
      const { id } = await from.app.call(startUpload, FILE, from.app.newContext(owner))
      const again = await to.app.call(resumeUpload, { id }, to.app.newContext(owner))
      expect(again.uploadUrl).toMatch(/^http/)
      await currentSigningKey(to.app)
      rounds += 1
    }
    return rounds
  }
  const ended = work()
  return {
    /** Another so many rounds have gone well. */
    some: async (n = 3) => {
      const until = rounds + n
      await Promise.race([
        ended,
        expect.poll(() => rounds, { timeout: 30_000 }).toBeGreaterThanOrEqual(until),
      ])
    },
    stop: () => {
      running = false
      return ended
    },
  }
}

/** Something in each place that a box can lie, sealed as it was before keys had names. */
async function fillEveryPlace() {
  const person = await one.person('agency')
  await one.app.call(beginTotp, {}, one.app.newContext(person))
  await one.app.call(requestSignInCode, { email: 'person1@example.com' }, one.app.newContext(ANONYMOUS))
  await one.app.pool.query(
    `insert into former_addresses (id, user_id, address_sealed, changed_at) values ('fad_1', $1, '\\x00', now())`,
    [person.id],
  )
  await one.app.pool.query(
    `insert into mail_outbox (key, sealed, created_at) values ('\\x01', '\\x00', now())`,
  )
  const first = sealKeysOf(await stored())[0]?.key ?? Buffer.alloc(0)
  for (const { table, id, column, place } of SEALED_COLUMNS) {
    const { rows } = await one.app.pool.query(`select ${id}::text as id, ${column} as box from ${table}`)
    for (const row of rows.filter(({ box }) => box?.length > 0)) {
      const plain = row.box.length > 1 ? unseal(one.app.keys.seal, row.box, place(row.id)) : 'kept'
      const box = seal(first, plain, place(row.id))
      await one.app.pool.query(`update ${table} set ${column} = $2 where ${id}::text = $1`, [row.id, box])
    }
  }
  return person
}

describe('[OPS-07] the data key', () => {
  it('names every sealed column of the database', async () => {
    const { rows } = await one.app.pool.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and data_type = 'bytea' and column_name ~ 'sealed'`,
    )
    const listed = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`)
    expect(rows.map(({ name }) => name).filter((name) => !listed.includes(name))).toEqual([])
  })

  it('is replaced while two processes work: everything is sealed anew, then the old key is destroyed', async () => {
    const person = await fillEveryPlace()
    const before = await stored()
    const busy = keepBusy(person)
    await busy.some()

    const { from, to } = await one.app.call(changeDataKey, {}, command(one))
    await busy.some()
    expect(two.app.keys.seal.current().id).toBe(to)
    const begun = await status()
    const system = one.app.newContext({ kind: 'system', id: 'test' })
    expect(await one.app.call(destroyOldKeys, {}, system)).toEqual({ destroyed: [], waitsFor: 'time' })
    const later = { ...system, now: new Date(system.now.getTime() + SETTLE_MS) }
    expect(await one.app.call(destroyOldKeys, {}, later)).toEqual({ destroyed: [], waitsFor: 'boxes' })
    expect(begun).toMatchObject({ current: to, older: [from] })
    expect(begun.waiting).toMatchObject({
      queue: 1,
      'totp_factors.secret_sealed': 1,
      'signing_keys.private_key_sealed': 1,
      'key file of the log': 1,
    })

    await reseal()
    expect(Object.values((await status()).waiting).filter((n) => n > 0)).toEqual([])
    // Nothing waits, but what was begun under the old key may not have ended yet.
    expect((await status()).older).toEqual([from])

    one.advance(SETTLE_MS)
    const now = one.app.clock()
    await one.app.pool.query(
      `insert into telemetry_processes (id, roles, started_at, beat_at, seal_key) values ('slow', '{web}', $1, $1, $2)`,
      [now, from],
    )
    await reseal()
    expect((await status()).older).toEqual([from])
    await one.app.pool.query(`update telemetry_processes set seal_key = $1 where id = 'slow'`, [to])
    await reseal()
    await one.app.pool.query(`delete from telemetry_processes where id = 'slow'`)
    expect(await status()).toMatchObject({ current: to, older: [] })
    await busy.some()
    expect(await busy.stop()).toBeGreaterThan(8)

    const after = await stored()
    expect(after.dataKey).toBeUndefined()
    expect(after.sealKeys?.map(({ id }) => id)).toEqual([to])
    const oldRing = createSealRing(sealKeysOf(before))
    for (const { table, id, column, place } of SEALED_COLUMNS) {
      const { rows } = await one.app.pool.query(
        `select ${id}::text as id, ${column} as box from ${table} where length(${column}) > 0`,
      )
      for (const row of rows) {
        expect(row.box.subarray(0, 6), `${table}.${column}`).toEqual(headOf(to))
        expect(() => unseal(oldRing, row.box, place(row.id))).toThrow()
        unseal(two.app.keys.seal, row.box, place(row.id))
      }
    }
    for (const { privateKey } of JSON.parse(await readFile(auditKeys(), 'utf8')).keys)
      expect(Buffer.from(privateKey, 'base64').subarray(0, 6)).toEqual(headOf(to))
    expect((await actions()).filter((action) => action.startsWith('data-key.'))).toEqual([
      'data-key.rotate',
      'data-key.destroy',
    ])
    const log = JSON.stringify(await one.events())
    for (const secret of [before.dataKey, after.sealKeys?.[0]?.key ?? '-']) expect(log).not.toContain(secret)
    expect(await readFile(one.app.settings.SECRETS_FILE, 'utf8')).not.toContain(before.dataKey)
  }, 60_000)

  it('is not destroyed while the log’s key file is still sealed by it: whoever asks changes nothing, the job does', async () => {
    const sealedByOld = await readFile(auditKeys(), 'utf8')
    const { from, to } = await one.app.call(changeDataKey, {}, command(one))
    await reseal()
    expect((await status()).waiting).toMatchObject({ 'key file of the log': 0 })
    // As a backup that was restored too late, or a process that wrote it meanwhile, would leave it.
    await writeFile(auditKeys(), sealedByOld)
    one.advance(SETTLE_MS)
    const system = one.app.newContext({ kind: 'system', id: 'test' })
    expect(await one.app.call(destroyOldKeys, {}, system)).toEqual({ destroyed: [], waitsFor: 'boxes' })
    expect(await readFile(auditKeys(), 'utf8')).toBe(sealedByOld)
    expect(await status()).toMatchObject({ older: [from], waiting: { 'key file of the log': 1 } })
    await reseal()
    expect(await status()).toMatchObject({ current: to, older: [] })
    expect(await readFile(auditKeys(), 'utf8')).not.toBe(sealedByOld)
  })

  it('keeps hashes, sessions and bearer secrets as they were', async () => {
    const [key] = [one.app.keys]
    await one.app.call(changeDataKey, {}, command(one))
    const started = await createTestApp(sameInstallation())
    const told = ({ hash, auth, metrics, statement }: typeof key) => ({
      ...{ hash, statement, auth: auth.current(), metrics: metrics.current() },
    })
    expect(told(started.app.keys)).toEqual(told(key))
    await started.stop()
  })

  it('takes only a box that no key opens for unreadable: another failure fails the run, and nothing is counted', async () => {
    const ring = one.app.keys.seal
    const place = SEALED_COLUMNS.find(({ table }) => table === 'totp_factors') as SealedColumn
    const { rows } = await one.app.pool.query(`select user_id, secret_sealed as box from totp_factors`)
    const lost: SealRing = {
      ...ring,
      find: () => {
        throw new Error('EACCES: the secrets file can’t be read')
      },
    }
    await expect(resealBatch(one.app.pool, lost, place, '')).rejects.toThrow('EACCES')
    const spent: SealRing = {
      ...ring,
      current: () => {
        throw new Error('there is no key to seal with')
      },
    }
    await expect(resealBatch(one.app.pool, spent, place, '')).rejects.toThrow('no key to seal with')
    const moved = { ...place, place: () => 'elsewhere' }
    const batch = await resealBatch(one.app.pool, ring, moved, '')
    expect(batch).toMatchObject({ resealed: 0, unreadable: rows.length })
    const after = await one.app.pool.query(`select user_id, secret_sealed as box from totp_factors`)
    expect(after.rows).toEqual(rows)
  })

  it('stays where something can’t be opened: somebody is told, and nothing is destroyed', async () => {
    await one.app.pool.query(`update totp_factors set secret_sealed = '\\x0200112233445566778899'`)
    one.advance(SETTLE_MS)
    await reseal()
    expect((await status()).older).toHaveLength(1)
    const { rows } = await one.app.pool.query(
      `select key from alerts where key = 'data-key.unreadable' and resolved_at is null`,
    )
    expect(rows).toHaveLength(1)
  })

  it('is replaced twice at one moment one after the other, in two processes: each event names what was the newest', async () => {
    let newest = (await status()).current
    await Promise.all([one, two].map((t) => t.app.call(changeDataKey, {}, command(t))))
    const told = (await one.events()).filter(({ action }) => action === 'data-key.rotate').slice(-2)
    for (const { details } of told) {
      expect(details?.from).toBe(newest)
      newest = String(details?.to)
    }
    expect((await status()).current).toBe(newest)
  })
})
