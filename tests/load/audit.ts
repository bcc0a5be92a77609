import { randomBytes } from 'node:crypto'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import pino from 'pino'
import { type AuditLog, openAuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { createPool, migrate } from '../../portal/src/platform/db.ts'
import { openPostgres } from '../../portal/src/platform/embedded-postgres.ts'
import { newSigningKey, shareEvent } from '../support/audit-log.ts'

export type AuditBench = {
  /** Audited and bare writes a second, over all slices. */
  ours: number
  floor: number
  ratio: number
  /** Milliseconds of one audited write, from BEGIN to the answer to COMMIT. */
  p50: number
  p95: number
  p99: number
  unit: string
  bar: number
  holds: boolean
  /** Milliseconds until everything written was in the tree under a signed head. */
  drainMs: number
}

const WRITERS = 10
const SLICES = 8
const SLICE_MS = 1000
const BAR = 0.5

/**
 * Writes with the audit log beside the same writes without it: one INSERT in one transaction, ten connections, one
 * durable Postgres with default settings, the sequencer running throughout. Slices alternate, so that whatever else the
 * machine does weighs on both.
 */
export async function run({ json = false }: { json?: boolean } = {}): Promise<AuditBench> {
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
      keys: { hash: randomBytes(32), seal: randomBytes(32) },
      signingKey: newSigningKey(),
      name: 'bench.example/audit',
      anchorFile: join(dataDir, 'anchor.txt'),
      clock: () => new Date(),
      log,
    })
    const result = await compare(pool, audit)
    if (!json) process.stdout.write(describe(result))
    return result
  } finally {
    await pool.end()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function compare(pool: pg.Pool, audit: AuditLog): Promise<AuditBench> {
  const bare: number[] = []
  const audited: number[] = []
  const record = async (client: pg.PoolClient) => {
    await audit.sink.record(
      client as never,
      shareEvent({ action: 'playback.issue', details: { ttlSeconds: 300 } }),
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
  audited.sort((a, b) => a - b)
  const at = (share: number) => round(audited[Math.floor(audited.length * share)] ?? 0, 2)
  const seconds = (SLICES * SLICE_MS) / 1000
  const ratio = round(audited.length / bare.length, 3)
  return {
    ours: round(audited.length / seconds, 0),
    floor: round(bare.length / seconds, 0),
    ratio,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    unit: 'writes/s',
    bar: BAR,
    holds: ratio >= BAR,
    drainMs: round(drainMs, 0),
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

const round = (value: number, digits: number) => Number(value.toFixed(digits))

function describe({ ours, floor, ratio, p50, p95, p99, bar, holds, drainMs }: AuditBench): string {
  return [
    `audited writes  ${ours}/s`,
    `bare writes     ${floor}/s`,
    `ratio           ${ratio} (bar ${bar}: ${holds ? 'holds' : 'missed'})`,
    `latency         p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`,
    `rest in tree    ${drainMs} ms after the last write`,
    '',
  ].join('\n')
}
