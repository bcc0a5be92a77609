import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDb } from '#portal/platform/db.ts'
import { createTestAuditLog, shareEvent, type TestAuditLog } from '../../../../tests/support/audit-log.ts'
import { decodeEvent } from './event.ts'
import { hashLeaf } from './merkle.ts'

let audit: TestAuditLog
beforeAll(async () => {
  audit = await createTestAuditLog()
})
afterAll(() => audit.close())

type Stored = { seq: string; entry: string; leaf_hash: Buffer }
async function stored(id: string): Promise<Stored | undefined> {
  const { rows } = await audit.database.pool.query('select * from audit_events where entry like $1', [
    `%${id}%`,
  ])
  return rows[0]
}

const renewal = (id: number) => ({
  name: 'renew-test',
  table: 'views',
  set: 'renewals = stored.renewals + 1',
  where: 'true',
  types: ['int'],
  values: [id],
})

describe('recording', () => {
  test('[ALV-01] an event stands in the log exactly as its canonical bytes, with their leaf hash', async () => {
    const { id } = await audit.log.sink.record(createDb(audit.database.pool) as never, shareEvent())
    const row = (await stored(id))!
    expect(decodeEvent(row.entry)).toMatchObject({
      id,
      action: 'share.create',
      actor: { kind: 'user', pseudonym: 'usr_1', role: 'agency' },
      classification: 'sensitive',
      outcome: 'allowed',
      schemaVersion: 1,
    })
    expect(row.leaf_hash).toEqual(hashLeaf(row.entry))
  })

  test('[ALV-01] a change that rolls back leaves no event, and a refused event rolls back the change', async () => {
    const db = createDb(audit.database.pool)
    let id = ''
    const failing = db.transaction(async (tx) => {
      id = (await audit.log.sink.record(tx, shareEvent())).id
      throw new Error('the change failed')
    })
    await expect(failing).rejects.toThrow('the change failed')
    expect(await stored(id)).toBeUndefined()

    await db.execute(sql`create table if not exists changes (n int)`)
    const refused = db.transaction(async (tx) => {
      await tx.execute(sql`insert into changes values (1)`)
      await audit.log.sink.record(tx, shareEvent({ reason: 'Prose is no reason code' }))
    })
    await expect(refused).rejects.toThrow()
    expect((await db.execute(sql`select * from changes`)).rows).toEqual([])
  })

  test('[ALV-01] a change and its event in one statement: both, or neither where the change meets no row', async () => {
    const { pool } = audit.database
    await pool.query('create table if not exists views (id int primary key, renewals int)')
    await pool.query('truncate views')
    await pool.query('insert into views values (1, 0)')
    const renew = (id: number, event = shareEvent({ target: { type: 'share', id: `shr_row${id}` } })) =>
      audit.log.sink.recordWith(pool, event, renewal(id))
    const version = async () =>
      (await pool.query('select xmin::text as version from views where id = 1')).rows[0].version
    const before = await version()
    expect(await renew(1)).toEqual({ before, after: await version() })
    expect(await version()).not.toBe(before)
    expect(await renew(2)).toBeNull()
    await expect(renew(1, shareEvent({ reason: 'Prose is no reason code' }))).rejects.toThrow()
    await expect(renew(1, shareEvent({ personal: { subject: 'jo@example.com', data: {} } }))).rejects.toThrow(
      'personal',
    )
    expect((await pool.query('select * from views')).rows).toEqual([{ id: 1, renewals: 1 }])
    const row = (await stored('shr_row1'))!
    expect(row.leaf_hash).toEqual(hashLeaf(row.entry))
    expect(await stored('shr_row2')).toBeUndefined()
  })

  test('[ALV-01] changes that come at once share a statement, and each has its own verdict and its own event', async () => {
    const { pool } = audit.database
    await pool.query('create table if not exists views (id int primary key, renewals int)')
    await pool.query('truncate views')
    await pool.query('insert into views select n, 0 from generate_series(1, 40) n')
    const held = await pool.connect()
    try {
      // Somebody else is about to end row 7: the others don't wait for it, and it waits for its own verdict.
      await held.query('begin')
      await held.query('delete from views where id = 7')
      const asked = [...Array.from({ length: 50 }, (_, n) => n + 1), 3, 3]
      const verdicts = asked.map((id) =>
        audit.log.sink.recordWith(
          pool,
          shareEvent({ target: { type: 'share', id: `shr_many${id}` } }),
          renewal(id),
        ),
      )
      // Row 40 was asked for with row 7; it is done though row 7 is not.
      await expect
        .poll(async () => (await pool.query('select renewals from views where id = 40')).rows, {
          timeout: 20_000,
        })
        .toEqual([{ renewals: 1 }])
      await held.query('commit')
      const met = (await Promise.all(verdicts)).map((row) => row !== null)
      expect(met).toEqual(asked.map((id) => id !== 7 && id <= 40))
    } finally {
      held.release()
    }
    const { rows } = await pool.query('select sum(renewals)::int as renewals from views')
    expect(rows).toEqual([{ renewals: 39 + 2 }])
    const { rows: events } = await pool.query(
      `select count(*) from audit_events where entry like '%shr_many%'`,
    )
    expect(events).toEqual([{ count: 39 + 2 }])
  })

  test('[ALV-01] changes whose answer is lost fail, and are not recorded a second time', async () => {
    const { pool } = audit.database
    await pool.query('create table if not exists views (id int primary key, renewals int)')
    await pool.query('truncate views')
    await pool.query('insert into views select n, 0 from generate_series(1, 5) n')
    const lossy = {
      query: async (...asked: Parameters<typeof pool.query>) => {
        await pool.query(...asked)
        throw new Error('Connection terminated unexpectedly')
      },
    } as unknown as typeof pool
    const verdicts = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((id) =>
        audit.log.sink.recordWith(
          lossy,
          shareEvent({ target: { type: 'share', id: `shr_lost${id}` } }),
          renewal(id),
        ),
      ),
    )
    expect(verdicts.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    const { rows } = await pool.query('select sum(renewals)::int as renewals from views')
    expect(rows).toEqual([{ renewals: 5 }])
    const { rows: events } = await pool.query(
      `select count(*) from audit_events where entry like '%shr_lost%'`,
    )
    expect(events).toEqual([{ count: 5 }])
  })

  test('[ALV-01] one change that PostgreSQL refuses is no fault of those that it came with', async () => {
    const { pool } = audit.database
    await pool.query('create table if not exists views (id int primary key, renewals int)')
    await pool.query('truncate views')
    await pool.query('insert into views values (1, 0), (2, 2147483647), (3, 0)')
    const verdicts = await Promise.allSettled(
      [1, 2, 3].map((id) => audit.log.sink.recordWith(pool, shareEvent(), renewal(id))),
    )
    expect(verdicts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await pool.query('select renewals from views order by id')).rows.map((r) => r.renewals)).toEqual([
      1, 2147483647, 1,
    ])
  })

  test.each([
    'update audit_events set entry = entry',
    'delete from audit_events',
    'truncate audit_events',
    'update audit_leaves set index = index',
    'delete from audit_leaves',
    'delete from audit_checkpoints',
    'update audit_checkpoints set note = note',
    'delete from audit_tiles',
    'truncate audit_tiles',
    "update audit_tiles set hashes = substr(hashes, 33) || '\\x00'::bytea",
    'delete from audit_head',
    'update audit_head set size = size - 1',
    "update audit_head set origin = 'other'",
  ])('[ALV-02] [ASVS-16.4.2] the database refuses: %s', async (statement) => {
    await audit.log.sink.record(createDb(audit.database.pool) as never, shareEvent())
    await audit.log.sequencer.checkpoint()
    await expect(audit.database.pool.query(statement)).rejects.toThrow(/append-only|only grow/)
  })
})

describe('personal data', () => {
  const withAddress = (address: string) =>
    shareEvent({
      action: 'identity.invite',
      personal: { subject: address, data: { email: address, note: 'Größe' } },
    })

  test('[ALV-01] is ciphertext under a pseudonym, readable while the person has a key', async () => {
    const { pool } = audit.database
    const { id } = await audit.log.sink.record(createDb(pool) as never, withAddress('Ada@Example.org'))
    const row = (await stored(id))!
    expect(row.entry.toLowerCase()).not.toContain('ada')
    const event = decodeEvent(row.entry)!
    expect(event.personal?.subject).toBe(await audit.log.subjectKeys.pseudonymOf(pool, ' ada@example.ORG '))
    expect(await audit.log.subjectKeys.decrypt(pool, event)).toEqual({
      email: 'Ada@Example.org',
      note: 'Größe',
    })
    const moved = { ...event, id: 'evt_1111111111111111111111' }
    await expect(audit.log.subjectKeys.decrypt(pool, moved)).rejects.toThrow()
  })

  test('[ALV-02] destroying the key erases the person and leaves the entry as it was', async () => {
    const { pool } = audit.database
    const { id } = await audit.log.sink.record(createDb(pool) as never, withAddress('grace@example.org'))
    const before = (await stored(id))!
    const subject = decodeEvent(before.entry)!.personal!.subject
    expect(await audit.log.subjectKeys.destroy(pool, 'grace@example.org')).toBe(subject)
    expect(await stored(id)).toEqual(before)
    expect(await audit.log.subjectKeys.decrypt(pool, decodeEvent(before.entry)!)).toBeNull()
    expect(await audit.log.subjectKeys.pseudonymOf(pool, 'grace@example.org')).toBeNull()
    const again = await audit.log.sink.record(createDb(pool) as never, withAddress('grace@example.org'))
    expect(decodeEvent((await stored(again.id))!.entry)!.personal!.subject).not.toBe(subject)
  })

  test('two transactions that meet a person first agree on one key', async () => {
    const { pool } = audit.database
    const recorded = await Promise.all(
      Array.from({ length: 8 }, () =>
        createDb(pool).transaction((tx) => audit.log.sink.record(tx, withAddress('kay@example.org'))),
      ),
    )
    const events = await Promise.all(recorded.map(async ({ id }) => decodeEvent((await stored(id))!.entry)!))
    expect(new Set(events.map(({ personal }) => personal!.subject)).size).toBe(1)
    for (const event of events)
      expect(await audit.log.subjectKeys.decrypt(pool, event)).toMatchObject({ email: 'kay@example.org' })
  })
})
