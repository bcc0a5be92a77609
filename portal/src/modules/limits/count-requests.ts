import { sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { RuleName } from './rules.ts'
import { limitCounts, limitThrottlings } from './tables.ts'

const FLUSH_MS = 5000
const MINUTE_MS = 60_000
/** Distinct identities between two flushes; a flood of more stands as one. */
const MOST_IDENTITIES = 1000
export const MANY = 'many'

export type Throttling = {
  rule: RuleName
  identity: string
  /** False where it was only watched: the request went through. */
  enforced: boolean
  reason: 'quota' | 'store_failed'
  policyVersion: number
}

type Gathered = typeof limitThrottlings.$inferInsert

/**
 * What was judged, gathered here and written every few seconds, a row a minute, rule and identity: however many
 * requests are refused, few rows tell of them. What can't be written waits, within the same bounds.
 */
export function countRequests(app: Pick<App, 'db' | 'clock' | 'log' | 'atClose'>) {
  let counts = new Map<string, typeof limitCounts.$inferInsert>()
  let throttlings = new Map<string, Gathered>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function minuteOf(now: Date): Date {
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref()
    return new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS)
  }

  function count(rule: RuleName, outcome: 'admitted' | 'refused' | 'wouldRefuse'): void {
    const minute = minuteOf(app.clock())
    const key = `${rule} ${minute.getTime()}`
    const row = counts.get(key) ?? { minute, rule, admitted: 0, refused: 0, wouldRefuse: 0 }
    row[outcome] += 1
    counts.set(key, row)
  }

  function throttled({ rule, identity, ...how }: Throttling): void {
    const now = app.clock()
    const minute = minuteOf(now)
    const keyFor = (whom: string) => `${rule} ${whom} ${how.enforced} ${how.reason} ${minute.getTime()}`
    const known = throttlings.has(keyFor(identity)) || throttlings.size < MOST_IDENTITIES
    const key = keyFor(known ? identity : MANY)
    const row = throttlings.get(key)
    if (row) Object.assign(row, { count: row.count + 1, lastAt: now })
    else
      throttlings.set(key, {
        ...{ minute, rule, identity: known ? identity : MANY, ...how },
        ...{ count: 1, firstAt: now, lastAt: now },
      })
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const [counted, gathered] = [[...counts.values()], [...throttlings.values()]]
    if (counted.length + gathered.length === 0) return
    counts = new Map()
    throttlings = new Map()
    try {
      await app.db.transaction(async (tx) => {
        if (counted.length > 0)
          await tx
            .insert(limitCounts)
            .values(counted.sort((a, b) => a.rule.localeCompare(b.rule)))
            .onConflictDoUpdate({
              target: [limitCounts.minute, limitCounts.rule],
              set: {
                admitted: sql`${limitCounts.admitted} + excluded.admitted`,
                refused: sql`${limitCounts.refused} + excluded.refused`,
                wouldRefuse: sql`${limitCounts.wouldRefuse} + excluded.would_refuse`,
              },
            })
        if (gathered.length > 0) await writeThrottlings(tx, gathered)
      })
    } catch (error) {
      app.log.warn({ err: error }, 'throttlings were not written yet')
      // Kept for the next time, unless as many came meanwhile.
      for (const row of gathered)
        if (throttlings.size < MOST_IDENTITIES) throttlings.set(`kept ${throttlings.size}`, row)
    }
  }

  /** Writes what was gathered; one after the other. */
  function flush(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  app.atClose(flush)
  return { count, throttled, flush }
}

async function writeThrottlings(tx: Pick<App['db'], 'insert'>, rows: Gathered[]): Promise<void> {
  const { minute, rule, identity, enforced, reason } = limitThrottlings
  await tx
    .insert(limitThrottlings)
    .values(rows.sort((a, b) => (`${a.rule}${a.identity}` < `${b.rule}${b.identity}` ? -1 : 1)))
    .onConflictDoUpdate({
      target: [minute, rule, identity, enforced, reason],
      set: {
        count: sql`${limitThrottlings.count} + excluded.count`,
        firstAt: sql`least(${limitThrottlings.firstAt}, excluded.first_at)`,
        lastAt: sql`greatest(${limitThrottlings.lastAt}, excluded.last_at)`,
      },
    })
}
