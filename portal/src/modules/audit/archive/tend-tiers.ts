import type { Pool } from 'pg'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { job } from '#portal/platform/job.ts'
import { flow } from '#portal/platform/operation.ts'
import { ARCHIVE_DAYS, HOT_DAYS, PLAYBACK_DAYS, WARM_DAYS } from './kept-days.ts'
import { moveArchive } from './move-archive.ts'
import { moveWarm, nextCold } from './move-warm.ts'
import { type RangeRow, readRange, type SealRule } from './range-rows.ts'
import { sealRange } from './seal-range.ts'
import { segmentsOf } from './segment-store.ts'
import { sweepObjects } from './sweep-objects.ts'
import { TIER_STAFF } from './tier-staff.ts'

const DAY_MS = 86_400_000
/** Ranges of one run in each of its steps: 512,000 entries; the next run goes on. */
const MOST_RANGES = 2000

const ALERT = 'audit.tiers'

export type TierRun = {
  /** Ranges of 256 entries. */
  warmed: number
  archived: number
  sealed: number
  /** Entries whose text was removed. */
  removed: number
  /** Objects of the archive that nothing refers to any more. */
  swept: number
  /** More waits than one run does. */
  hasMore: boolean
  /** Why a step ended early, with the range where it did. */
  faults: string[]
}

const NOTHING = { warmed: 0, archived: 0, sealed: 0, removed: 0, swept: 0, hasMore: false }

/** An advisory lock of a session: it ends with its connection. The second number is the tiers'. */
const LOCK = [7_301_010, 2]

/**
 * Moves what is due to its next tier and removes what is past its time, range by range. Each range is one transaction:
 * a run that was killed at any point is gone on with by the next one.
 */
export const tendTiers = flow({
  action: 'audit.tend',
  input: z.strictObject({ mostRanges: z.number().int().min(1).max(MOST_RANGES).default(MOST_RANGES) }),
  allow: TIER_STAFF,
  run: ({ app, input, ctx }) => alone(app.pool, () => tend(app, ctx, input.mostRanges)),
})

async function tend(app: App, ctx: Context, mostRanges: number): Promise<TierRun> {
  const run: TierRun = { ...NOTHING, faults: [] }
  const before = (days: number) => new Date(ctx.now.getTime() - days * DAY_MS)
  const segments = segmentsOf(app)
  const step = (name: string, next: () => Promise<number | null>, act: (n: number) => Promise<void>) =>
    follow(run, { name, most: mostRanges, next, act })

  await step(
    'warm',
    () => nextCold(app.pool, before(HOT_DAYS)),
    async (n) => {
      await moveWarm(app.pool, n, ctx.now)
      run.warmed += 1
    },
  )
  await step(
    'archive',
    () => nextDue(app, `tier = 'warm' and newest < $1`, before(WARM_DAYS)),
    async (n) => {
      await moveArchive(app, ctx, segments, await range(app, n))
      run.archived += 1
    },
  )
  for (const [rule, column, days] of RULES) {
    const due = `tier = 'archive' and ${column} < $1 and not exists (select from audit_seals s where s.n = audit_ranges.n and s.rule = any('{${rule},age}'))`
    await step(
      rule,
      () => nextDue(app, due, before(days)),
      async (n) => {
        run.removed += await sealRange(app, ctx, segments, await range(app, n), rule)
        run.sealed += 1
      },
    )
  }
  run.swept = await sweepObjects(app, ctx.now)
  await tell(app, run)
  return run
}

/** One run at a time; where another one works, there is nothing to do. */
async function alone(pool: Pool, work: () => Promise<TierRun>): Promise<TierRun> {
  const client = await pool.connect()
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1, $2) as mine',
      LOCK,
    )
    if (!rows[0]?.mine) return { ...NOTHING, faults: [], hasMore: true }
    return await work().finally(() => client.query('select pg_advisory_unlock($1, $2)', LOCK))
  } finally {
    client.release()
  }
}

/** The whole range first: then there is no playback left to look for. */
const RULES = [
  ['age', 'newest', ARCHIVE_DAYS],
  ['playback', 'playback_newest', PLAYBACK_DAYS],
] as const satisfies [SealRule, string, number][]

type Step = {
  name: string
  most: number
  next: () => Promise<number | null>
  act: (n: number) => Promise<void>
}

async function follow(run: TierRun, { name, most, next, act }: Step): Promise<void> {
  for (let done = 0; ; done += 1) {
    const n = await next()
    if (n === null) return
    if (done === most) {
      run.hasMore = true
      return
    }
    try {
      await act(n)
    } catch (error) {
      // Ranges go in their order: what comes behind a range that somebody has to look at waits for it.
      run.faults.push(`${name}, range ${n}: ${(error as Error).message}`)
      return
    }
  }
}

async function nextDue(app: App, where: string, before: Date): Promise<number | null> {
  const { rows } = await app.pool.query<{ n: number }>(
    `select n from audit_ranges where ${where} order by n limit 1`,
    [before],
  )
  return rows[0] ? Number(rows[0].n) : null
}

async function range(app: App, n: number): Promise<RangeRow> {
  const found = await readRange(app.pool, n)
  if (!found) throw new Error(`range ${n} is gone`)
  return found
}

async function tell(app: App, run: TierRun): Promise<void> {
  if (run.faults.length === 0) return await app.ports.alerts.resolve(ALERT)
  await app.ports.alerts.raise({
    key: ALERT,
    severity: 'critical',
    summary: 'A part of the audit log can’t move to its next tier. Nothing of it was removed.',
    audience: ['security', 'operations'],
    details: Object.fromEntries(run.faults.map((fault, n) => [`fault_${n + 1}`, fault])),
  })
}

/** Hourly, so that one run stays short. */
export const tendTiersHourly = job({
  name: 'audit.tiers',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '37 * * * *',
  async run({ app, ctx }) {
    const { faults, ...done } = await app.call(tendTiers, {}, ctx)
    app.log.info({ ...done, faults: faults.length }, 'tiers of the audit log')
    if (faults.length) throw new Error(faults[0])
  },
})
