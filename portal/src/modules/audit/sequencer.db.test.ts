import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PoolClient } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createTestAuditLog,
  shareEvent,
  type TestAuditLog,
  tamper,
} from '../../../../tests/support/audit-log.ts'
import { oneKey } from '../../../../tests/support/one-key.ts'
import { openCheckpoint } from './checkpoint.ts'
import { integrateBatch } from './integrate.ts'
import { keyFile } from './key-file.ts'
import { openKeyRing } from './key-ring.ts'
import { readCheckpoints } from './leaves.ts'
import { consistencyPath, EMPTY_ROOT, proofOf } from './merkle.ts'
import { verifyConsistency } from './merkle-proof.ts'
import { recordEvent } from './record.ts'
import { createSequencer } from './sequencer.ts'
import { inTransaction } from './sql-runner.ts'
import { nodesFor, readCheckpoint, readHead, readRoot } from './tree-store.ts'

const CHILD = fileURLToPath(new URL('../../../../tests/support/sequencer-child.ts', import.meta.url))

let audit: TestAuditLog
let now: Date
beforeEach(async () => {
  now = new Date('2026-03-01T00:00:00Z')
  audit = await createTestAuditLog(() => now)
})
afterEach(() => audit.close())

const record = (client: PoolClient, n: number) =>
  recordEvent(
    client,
    shareEvent({ target: { type: 'share', id: `shr_${n}` }, time: now }),
    audit.log.subjectKeys,
  )

async function recordMany(count: number): Promise<void> {
  await inTransaction(audit.database.pool, async (client) => {
    for (let n = 0; n < count; n++) await record(client, n)
  })
}

/** Every event has one place, places are 0…n-1, and the tree over them is the one that the leaves make. */
async function expectWholeTree(count: number): Promise<void> {
  const { pool } = audit.database
  const { rows } = await pool.query(
    `select l.index::int, e.leaf_hash from audit_events e left join audit_leaves l on l.seq = e.seq order by l.index`,
  )
  expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => i))
  const { size } = await readHead(pool)
  expect(size).toBe(count)
  const tiles = await pool.query(
    "select string_agg(hashes, ''::bytea order by n) as hashes from audit_tiles where level = 0",
  )
  expect(
    Buffer.concat(rows.map(({ leaf_hash }) => leaf_hash)).equals(tiles.rows[0].hashes ?? Buffer.alloc(0)),
  ).toBe(true)
}

async function* readCheckpointsOf(pool: TestAuditLog['database']['pool']) {
  const client = await pool.connect()
  try {
    yield* readCheckpoints(client)
  } finally {
    client.release()
  }
}

describe('the sequencer', () => {
  test('[ALV-02] signs an empty log on demand, and nothing unasked', async () => {
    await audit.log.sequencer.drain()
    expect(await readCheckpoint(audit.database.pool)).toBeNull()
    const { size, root, note } = await audit.log.sequencer.checkpoint()
    expect([size, root]).toEqual([0, EMPTY_ROOT])
    expect(openCheckpoint(note, audit.log.origin, audit.log.headSigner.known)?.size).toBe(0)
  })

  test('[ALV-02] integrates in the order of insertion, batch after batch', async () => {
    const sequencer = createSequencer({
      pool: audit.database.pool,
      headSigner: audit.log.headSigner,
      keys: audit.log.keys,
      clock: () => now,
      log: console,
      batchLimit: 100,
    })
    await recordMany(730)
    await sequencer.drain()
    await recordMany(5)
    await sequencer.drain()
    await expectWholeTree(735)
    const { rows } = await audit.database.pool.query(
      'select count(*)::int as late from audit_leaves a join audit_leaves b on b.index = a.index + 1 where b.seq < a.seq',
    )
    expect(rows[0].late).toBe(0)
  })

  test('[ALV-02] an event whose transaction commits late still gets its place, after those seen before', async () => {
    const { pool } = audit.database
    const late = await pool.connect()
    await late.query('begin')
    await record(late, 1)
    await recordMany(3)
    await audit.log.sequencer.drain()
    expect((await readHead(pool)).size).toBe(3)
    await late.query('commit')
    late.release()
    await audit.log.sequencer.drain()
    await expectWholeTree(4)
    const { rows } = await pool.query('select seq::int from audit_leaves order by index')
    expect(rows.map(({ seq }) => seq)).toEqual([2, 3, 4, 1])
  })

  test('[ALV-02] 50 concurrent writers, two sequencers, killed leaders: 0…n-1, nothing lost', async () => {
    const { pool } = audit.database
    const other = await audit.reopen({ anchorFile: join(audit.folder, 'other.txt') })
    const logs = [audit.log, other]
    let isWriting = true
    const sequencing = logs.map(async ({ sequencer }) => {
      // A killed connection fails the batch; the next one takes over.
      while (isWriting) await sequencer.drain().catch(() => {})
    })
    const killing = (async () => {
      let killed = 0
      while (isWriting) {
        const { rowCount } = await pool.query(
          `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7301010 and granted
            and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())`,
        )
        killed += rowCount ?? 0
        await pool.query('select pg_sleep(0.02)')
      }
      return killed
    })()
    const perWriter = 20
    await Promise.all(
      Array.from({ length: 50 }, async (_, writer) => {
        for (let n = 0; n < perWriter; n++) {
          await inTransaction(pool, (client) => record(client, writer * perWriter + n))
        }
      }),
    )
    isWriting = false
    await Promise.all(sequencing)
    expect(await killing).toBeGreaterThan(0)
    await Promise.all(logs.map(({ sequencer }) => sequencer.checkpoint()))
    await expectWholeTree(50 * perWriter)
  })

  test('[ALV-02] processes killed at any point (SIGKILL) leave whole batches and heads that agree', async () => {
    const { pool, url } = audit.database
    const keys = join(audit.folder, 'keys.json')
    const anchorFile = join(audit.folder, 'killed.txt')
    const clock = () => now
    const sealKey = randomBytes(32)
    const file = keyFile(keys, oneKey(sealKey))
    await openKeyRing({ origin: audit.log.origin, seed: audit.signingKey, file, clock })
    let recorded = 0
    for (let round = 0; round < 5; round++) {
      const child = spawn(
        process.execPath,
        [CHILD, url, anchorFile, keys, audit.log.origin, sealKey.toString('hex')],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      await once(child.stdout!, 'data')
      const before = (await readHead(pool)).size
      const writers = Array.from({ length: 10 }, async (_, n) => {
        for (let event = 0; event < 5; event++) await inTransaction(pool, (client) => record(client, n))
      })
      // In the midst of its work, wherever that is.
      await expect.poll(async () => (await readHead(pool)).size, { timeout: 15_000 }).toBeGreaterThan(before)
      const over = once(child, 'exit')
      child.kill('SIGKILL')
      await over
      await Promise.all(writers)
      recorded += 50
    }
    const restarted = await audit.reopen({ anchorFile })
    expect((await restarted.sequencer.checkpoint()).size).toBe(recorded)
    await expectWholeTree(recorded)
    for await (const { size, root, note } of readCheckpointsOf(pool)) {
      expect(openCheckpoint(note, audit.log.origin, audit.log.headSigner.known)?.size).toBe(size)
      expect(await readRoot(pool, size)).toEqual(root)
    }
  }, 180_000)

  test('[ALV-02] two leaders at once, each without the lock: the head’s row lets one batch through at a time', async () => {
    const { pool } = audit.database
    await recordMany(40)
    const batches = Array.from({ length: 12 }, () =>
      inTransaction(pool, (client) => integrateBatch(client, 5)),
    )
    await Promise.allSettled(batches)
    await audit.log.sequencer.drain()
    await expectWholeTree(40)
  })

  test('[ALV-02] every signed head is consistent with the one before', async () => {
    const { pool } = audit.database
    const heads = []
    for (const count of [1, 6, 250, 300]) {
      await recordMany(count)
      heads.push(await audit.log.sequencer.checkpoint())
    }
    expect(heads.map(({ size }) => size)).toEqual([1, 7, 257, 557])
    for (const [i, newer] of heads.slice(1).entries()) {
      const older = heads[i]!
      const path = consistencyPath(older.size, newer.size)
      const proof = proofOf(path, await nodesFor(pool, path))
      expect(
        verifyConsistency({
          size1: older.size,
          size2: newer.size,
          root1: older.root,
          root2: newer.root,
          proof,
        }),
      ).toBe(true)
      expect(await readRoot(pool, older.size)).toEqual(older.root)
    }
  })

  test('[ALV-02] heads asked for all at once are each signed, and the newest is remembered', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        await recordMany(1)
        await audit.log.sequencer.checkpoint()
      }),
    )
    const remembered = openCheckpoint(
      (await audit.log.anchor.read())!,
      audit.log.origin,
      audit.log.headSigner.known,
    )
    expect(remembered?.size).toBe(12)
    await expectWholeTree(12)
  })

  test('[ALV-02] by itself integrates what was committed, and signs at most every ten seconds', async () => {
    const { pool } = audit.database
    audit.log.sequencer.start()
    await recordMany(2)
    await expect.poll(() => readCheckpoint(pool)).toMatchObject({ size: 2 })
    await recordMany(1)
    await expect.poll(async () => (await readHead(pool)).size).toBe(3)
    expect(await readCheckpoint(pool)).toMatchObject({ size: 2 })
    now = new Date(now.getTime() + 10_000)
    await expect.poll(() => readCheckpoint(pool)).toMatchObject({ size: 3 })
    expect(await audit.log.sequencer.status()).toEqual({
      size: 3,
      pending: 0,
      lagMs: 0,
      checkpointSize: 3,
      checkpointAgeMs: 0,
      headAgeMs: 0,
      refused: null,
      isRunning: true,
    })
  })

  test('[ALV-02] goes on after a restore into another cluster, whose transactions count anew', async () => {
    const { pool } = audit.database
    await recordMany(3)
    await audit.log.sequencer.drain()
    await tamper(
      pool,
      "update audit_events set xid = '4000000000000'; update audit_leaves set xid = '4000000000000'; update audit_head set cluster = 1, horizon = '4000000000000'",
    )
    await recordMany(2)
    await audit.log.sequencer.drain()
    await expectWholeTree(5)
    await recordMany(1)
    await audit.log.sequencer.drain()
    await expectWholeTree(6)
  })

  test('[ALV-02] an entry that is no JSON does not stop the log', async () => {
    const { pool } = audit.database
    await pool.query(
      `insert into audit_events (entry, leaf_hash) values ('{broken', sha256('x')), ($1, sha256('y'))`,
      ['{"id":"a\\u0000"}'],
    )
    await recordMany(1)
    await audit.log.sequencer.drain()
    await expectWholeTree(3)
  })
})

describe('a head that contradicts an earlier one', () => {
  test.each([
    [
      'rolled back',
      'update audit_head set size = 1; delete from audit_leaves where index > 0; delete from audit_events where seq > 1; delete from audit_checkpoints',
    ],
    [
      'forked',
      'update audit_tiles set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 255); delete from audit_checkpoints',
    ],
  ])('[ALV-02] is not signed: %s', async (word, statement) => {
    await recordMany(3)
    await audit.log.sequencer.checkpoint()
    await tamper(audit.database.pool, statement)
    await expect(audit.log.sequencer.checkpoint()).rejects.toThrow(word)
    const restarted = await audit.reopen()
    await expect(restarted.sequencer.checkpoint()).rejects.toThrow(word)
    expect(await readCheckpoint(audit.database.pool)).toBeNull()
    expect((await restarted.sequencer.status()).refused).toContain(word)
  })

  test('[ALV-02] nor where the remembered head is not one of this log', async () => {
    const stranger = await createTestAuditLog(() => now)
    await stranger.log.sequencer.checkpoint()
    const confused = await audit.reopen({ anchorFile: join(stranger.folder, 'anchor.txt') })
    await expect(confused.sequencer.checkpoint()).rejects.toThrow('not one of this log')
    await stranger.close()
    await rm(stranger.folder, { recursive: true, force: true })
  })
})
