import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { job } from '#portal/platform/job.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { RetentionRule } from '#portal/platform/retention.ts'
import { runRetentionInput } from './inputs.ts'
import { retentionRules } from './retention-rules.ts'
import { retentionRemovals } from './tables.ts'

const ROWS_AT_ONCE = 5000
/** One run removes so many rows of a table at most; the next goes on. */
const MOST_STEPS = 400

export type Removal = {
  table: string
  rule: string
  keptDays: number
  /** In a dry run: what would go. */
  removed: number
  oldestLeft: string | null
}

const ALLOW = {
  role: 'admin' as const,
  groups: ['compliance' as const, 'operations' as const],
  system: true as const,
}

const recordRun = verb({
  action: 'retention.run',
  input: runRetentionInput.extend({ removals: z.custom<Removal[]>() }),
  allow: ALLOW,
  async run({ tx, input, ctx, settings }) {
    const id = ctx.newId('ret')
    const { dry, removals } = input
    const rows = removals.map(({ oldestLeft, ...removal }) => ({
      ...{ ...removal, runId: id, ranAt: ctx.now, dry },
      oldestLeft: oldestLeft ? new Date(oldestLeft) : null,
    }))
    await tx.insert(retentionRemovals).values(rows)
    return {
      result: { id, ranAt: ctx.now.toISOString(), dry, removals },
      change: {
        target: { type: 'retention', id },
        details: {
          dry,
          policy: settings.RETENTION_POLICY_VERSION,
          ...Object.fromEntries(removals.map(({ table, removed }) => [table, removed])),
        },
      },
    }
  },
})

/** Removes what has been kept for as long as its rule says, and reports each rule; in a dry run it only counts. */
export const runRetention = flow({
  action: 'retention.run',
  input: runRetentionInput,
  allow: ALLOW,
  async run({ app, input, ctx }) {
    const removals: Removal[] = []
    for (const rule of retentionRules) removals.push(await follow(app, ctx, rule, input.dry))
    return await app.call(recordRun, { ...input, removals }, ctx)
  },
})

async function follow(app: App, ctx: Context, rule: RetentionRule, dry: boolean): Promise<Removal> {
  const before = new Date(ctx.now.getTime() - rule.keptDays * 86_400_000).toISOString()
  const [table, column] = [sql.identifier(rule.table), sql.identifier(rule.column)]
  const over = sql`${column} < ${before}::timestamptz and ${sql.raw(rule.only ?? 'true')}`
  const removed = dry
    ? await countOf(app, sql`select count(*)::int as n from ${table} where ${over}`)
    : await removeAll(
        app,
        sql`delete from ${table} where ctid = any(array(select ctid from ${table} where ${over} limit ${ROWS_AT_ONCE}))`,
      )
  const left = dry ? sql`not (${over})` : sql`true`
  const { rows } = await app.db.execute<{ at: string | null }>(
    sql`select to_json(min(${column})) as at from ${table} where ${left}`,
  )
  const at = rows[0]?.at
  const { table: name, rule: words, keptDays } = rule
  return { table: name, rule: words, keptDays, removed, oldestLeft: at ? new Date(at).toISOString() : null }
}

async function countOf(app: App, query: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await app.db.execute<{ n: number }>(query)
  return rows[0]?.n ?? 0
}

async function removeAll(app: App, step: ReturnType<typeof sql>): Promise<number> {
  let removed = 0
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const { rowCount } = await app.db.execute(step)
    removed += rowCount ?? 0
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return removed
  }
  app.log.warn({ removed }, 'retention has more to remove; the next run goes on')
  return removed
}

export const retentionDaily = job({
  name: 'privacy.retention',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '17 3 * * *',
  async run({ app, ctx }) {
    await app.call(runRetention, { dry: false }, ctx)
  },
})
