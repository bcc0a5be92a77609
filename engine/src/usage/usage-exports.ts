import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { usageByAsset, usageCsv } from './usage-report.ts'

export const DAY_MS = 24 * 3_600_000
/** Mux keeps exports that long. */
const KEPT_DAYS = 400
/** Deliveries of a day's last minutes are in the database by then. */
const SETTLED_MS = 15 * 60_000
/** Files made in one run of the sweep. */
const AT_ONCE = 40

export type ExportRow = { day: string; bytes: number; stale: boolean }

/** `2026-03-30`, UTC. */
export const dayOf = (at: Date) => at.toISOString().slice(0, 10)
const startOf = (day: string) => new Date(`${day}T00:00:00Z`)

/** The days that have an export or will have one within minutes: from the first asset on, up to yesterday. */
export async function exportDays(db: Queryable, now: Date): Promise<{ first: string; last: string } | null> {
  const { rows } = await db.query<{ first: Date | null }>(
    'select min(created_at) as first from engine.assets',
  )
  if (!rows[0]?.first) return null
  const oldest = new Date(Math.max(rows[0].first.getTime(), now.getTime() - KEPT_DAYS * DAY_MS))
  const yesterday = new Date(now.getTime() - DAY_MS)
  const days = { first: dayOf(oldest), last: dayOf(yesterday) }
  return days.first <= days.last ? days : null
}

/** Exports of days in [first, last], newest first. */
export async function findExports(db: Queryable, first: string, last: string): Promise<ExportRow[]> {
  const { rows } = await db.query<ExportRow>(
    `select day::text as day, bytes, stale from engine.usage_exports
     where day between $1 and $2 order by day desc`,
    [first, last],
  )
  return rows
}

/** The CSV of a day, or null. */
export async function readExport(db: Queryable, day: string): Promise<Buffer | null> {
  const { rows } = await db.query<{ csv: Buffer }>('select csv from engine.usage_exports where day = $1', [
    day,
  ])
  return rows[0] ? promisify(gunzip)(rows[0].csv) : null
}

/** Makes the exports that are missing, and anew those of days whose late deliveries came in. */
export async function makeExports(ctx: EngineContext): Promise<void> {
  if (!ctx.settings.usageExports) return
  const now = ctx.clock()
  const days = await exportDays(ctx.pool, new Date(now.getTime() - SETTLED_MS))
  if (!days) return
  const { rows } = await ctx.pool.query<{ day: string }>(
    `select day::date::text as day from generate_series($1::date, $2::date, interval '1 day') as day
     where not exists (select 1 from engine.usage_exports e where e.day = day.day::date and not e.stale)
     order by day desc limit $3`,
    [days.first, days.last, AT_ONCE],
  )
  for (const { day } of rows) await makeExport(ctx, day)
}

async function makeExport(ctx: EngineContext, day: string): Promise<void> {
  const from = startOf(day)
  await inTransaction(ctx.pool, async (tx) => {
    // Imports wait, so that none falls between what is read here and the row that it would mark as stale.
    await tx.query('lock table engine.usage_exports in share row exclusive mode')
    const to = new Date(from.getTime() + DAY_MS)
    const csv = Buffer.from(usageCsv(day, await usageByAsset(tx, { from, to, now: ctx.clock() })))
    await tx.query(
      `insert into engine.usage_exports (day, csv, bytes, generated_at) values ($1, $2, $3, $4)
       on conflict (day) do update set csv = excluded.csv, bytes = excluded.bytes, stale = false,
         generated_at = excluded.generated_at`,
      [day, await promisify(gzip)(csv), csv.length, ctx.clock()],
    )
  })
}
