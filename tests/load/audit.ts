import { randomBytes } from 'node:crypto'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import pino from 'pino'
import { createDiskStorage } from '../../portal/src/adapters/storage/disk.ts'
import { type AuditLog, openAuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { recordEvent } from '../../portal/src/modules/audit/record.ts'
import { createPool, migrate } from '../../portal/src/platform/db.ts'
import { openPostgres } from '../../portal/src/platform/embedded-postgres.ts'
import { newSigningKey, shareEvent } from '../support/audit-log.ts'
import { oneKey } from '../support/one-key.ts'
import { EVENTS, measureSize, PROOF_BAR_MS, SEARCH_BAR_MS, type SizeResult } from './audit-size.ts'
import { type Bench, type BenchResult, percentiles } from './bench.ts'
import { DAYS } from './fill-audit.ts'

const WRITERS = 10
const SLICES = 8
const SLICE_MS = 1000
const BAR = 0.5
const P99_BAR_MS = 10

/**
 * Writes with the audit log beside the same writes without it: one INSERT in one transaction, ten connections, one
 * durable Postgres with default settings, the sequencer running throughout. Slices alternate, so that whatever else the
 * machine does weighs on both.
 */
export const run: Bench = async () => {
  const dataDir = await mkdtemp('/tmp/mm-bench-')
  const log = pino({ level: 'silent' })
  const postgres = await openPostgres({ dataDir, exclusive: true, log })
  const home = await realpath(join(dataDir, 'postgres'))
  const pool = createPool({ ...postgres.pool, max: WRITERS + 4 }, log)
  try {
    await migrate(pool)
    await pool.query(
      'create table bench_writes (id bigint generated always as identity primary key, share text, at timestamptz)',
    )
    const audit = await openAuditLog({
      pool,
      keys: { hash: randomBytes(32), seal: oneKey() },
      signingKey: newSigningKey(),
      name: 'bench.example/audit',
      anchorFile: join(dataDir, 'anchor.txt'),
      storage: createDiskStorage({ folder: join(dataDir, 'files') }),
      clock: () => new Date(),
      log,
    })
    const written = await compare(pool, audit)
    process.stderr.write(`filling the log with ${EVENTS} events\n`)
    return withSize(written, await measureSize(pool, audit))
  } finally {
    await pool.end()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** One bar is the appending's, two are those of a log of this size. */
function withSize(written: BenchResult, size: SizeResult): BenchResult {
  const { proofP50, proofP95, proofP99, worst, fillSeconds } = size
  return {
    ...written,
    bar: `${written.bar}; at ${EVENTS} events a proof's p99 under ${PROOF_BAR_MS} ms, the worst search's p95 under ${SEARCH_BAR_MS} ms`,
    holds: written.holds && size.holds,
    notes: {
      ...written.notes,
      ...{
        events: EVENTS,
        fill_s: fillSeconds,
        proof_p50_ms: proofP50,
        proof_p95_ms: proofP95,
        proof_p99_ms: proofP99,
      },
      ...{ search_worst_p50_ms: worst.p50, search_worst_p95_ms: worst.p95, search_worst: worst.question },
    },
  }
}

async function compare(pool: pg.Pool, audit: AuditLog): Promise<BenchResult> {
  const bare: number[] = []
  const audited: number[] = []
  // Older than what the log is filled with afterwards: time and place in the tree go together.
  const longAgo = new Date(Date.now() - (DAYS + 1) * 86_400_000)
  const record = async (client: pg.PoolClient) => {
    await recordEvent(
      client,
      shareEvent({ action: 'playback.issue', details: { ttl_seconds: 300 }, time: longAgo }),
      audit.subjectKeys,
    )
  }
  audit.sequencer.start()
  // The first pair warms connections, plans and compiled code up and does not count.
  for (let slice = 0; slice <= SLICES; slice++) {
    const ours = await writeFor(SLICE_MS, pool, record)
    const floor = await writeFor(SLICE_MS, pool, async () => {})
    if (slice === 0) continue
    audited.push(...ours)
    bare.push(...floor)
  }
  await audit.sequencer.stop()
  const before = performance.now()
  await audit.sequencer.checkpoint()
  const drainMs = performance.now() - before
  const seconds = (SLICES * SLICE_MS) / 1000
  const ratio = audited.length / bare.length
  return {
    ours: audited.length / seconds,
    floor: bare.length / seconds,
    ratio,
    ...percentiles(audited),
    unit: 'writes/s',
    bar: `at least ${BAR} of the floor, p99 under ${P99_BAR_MS} ms`,
    holds: ratio >= BAR && percentiles(audited).p99 < P99_BAR_MS,
    notes: {
      bounded_by: 'one more round trip a transaction',
      under_signed_head_after_ms: Math.round(drainMs),
    },
  }
}

/** Milliseconds of each write that ten connections make in this time. */
async function writeFor(
  ms: number,
  pool: pg.Pool,
  alsoInTransaction: (client: pg.PoolClient) => Promise<void>,
) {
  const times: number[] = []
  const end = performance.now() + ms
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const client = await pool.connect()
      while (performance.now() < end) {
        const begun = performance.now()
        await client.query('begin')
        await client.query('insert into bench_writes (share, at) values ($1, $2)', ['shr_1', new Date()])
        await alsoInTransaction(client)
        await client.query('commit')
        times.push(performance.now() - begun)
      }
      client.release()
    }),
  )
  return times
}
