import { and, desc, gt, isNull, or } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { Db } from '#portal/platform/db.ts'
import { type AbuseAction, type AbuseNumbers, type AbuseRules, abuseRulesWith } from './rules.ts'
import { abuseDetections, abusePolicies } from './tables.ts'

/** Sent where a rule, or what is done about somebody, changes; every node reads anew. */
export const ABUSE_CHANGED = 'abuse.changed'
/** A notice may be lost: nothing stays older than this for long. */
const REREAD_MS = 10_000
/** The newest are known; of a flood of more, the eldest answers end early. */
const MOST_LIVE = 20_000

export type Measure = {
  id: string
  rule: string
  subject: string
  enforced: boolean
  action: AbuseAction
  /** Milliseconds since 1970; 0 where it was let go. */
  until: number
  /** The rule leaves the subject alone until then. */
  sparedUntil: number
}

export type AbuseInForce = {
  version: number
  rules: AbuseRules
  /** By rule and subject. */
  measures: Map<string, Measure>
}

export const measureKey = (rule: string, subject: string) => `${rule} ${subject}`

/** The newest version of the numbers; version 0 are the declared ones. */
export async function readAbusePolicy(
  db: Pick<Db, 'select'>,
): Promise<{ version: number; set: Record<string, AbuseNumbers> }> {
  const [row] = await db.select().from(abusePolicies).orderBy(desc(abusePolicies.version)).limit(1)
  return row ? { version: row.version, set: row.rules } : { version: 0, set: {} }
}

/**
 * The rules, and what is done about whom, as this node knows them: read at the first request, at each notice, and again
 * where they are older than ten seconds. No request waits for it but the first; while nothing can be read, what was known
 * last holds until its end. @param onRead is told what stands recorded, by whichever node
 */
export function followMeasures(
  app: Pick<App, 'db' | 'clock' | 'log' | 'notices'>,
  onRead: (recorded: Iterable<Measure>) => void,
) {
  let known: AbuseInForce = { version: 0, rules: abuseRulesWith({}), measures: new Map() }
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | null = null
  let stale = false
  /** Of this node, not recorded yet. */
  const held = new Map<string, Measure>()
  let takenMeanwhile: Measure[] = []

  async function read(): Promise<void> {
    do {
      stale = false
      takenMeanwhile = []
      try {
        const { version, set } = await readAbusePolicy(app.db)
        const measures = await readMeasures(app.db, app.clock())
        onRead(measures.values())
        // What came while the answer was under way is not in it.
        for (const [key, measure] of held) if (!measures.has(key)) measures.set(key, measure)
        for (const measure of takenMeanwhile) measures.set(measureKey(measure.rule, measure.subject), measure)
        known = { version, rules: abuseRulesWith(set), measures }
      } catch (error) {
        app.log.warn({ err: error }, 'the rules of abuse could not be read; the last known ones hold')
      }
      readAt = app.clock().getTime()
    } while (stale)
    reading = null
  }
  const again = () => {
    stale = reading !== null
    reading ??= read()
  }
  app.notices.subscribe(ABUSE_CHANGED, again)
  app.notices.subscribe('reconnected', again)

  return {
    /** @returns at once but for the very first time */
    async inForce(): Promise<AbuseInForce> {
      const first = readAt === Number.NEGATIVE_INFINITY
      if (Math.abs(app.clock().getTime() - readAt) > REREAD_MS && !reading) reading = read()
      if (first) await reading
      return known
    },
    /** What this node itself detected holds here before its notice comes round. */
    take(measure: Measure): void {
      const key = measureKey(measure.rule, measure.subject)
      held.delete(key)
      if (reading) takenMeanwhile.push(measure)
      known.measures.set(key, measure)
    },
    /** What this node is about to record, or can't, holds for its short time. */
    hold(measure: Measure): void {
      const key = measureKey(measure.rule, measure.subject)
      const now = app.clock().getTime()
      for (const [old, { until }] of held) if (until <= now) held.delete(old)
      held.set(key, measure)
      known.measures.set(key, measure)
    },
  }
}

async function readMeasures(db: Pick<Db, 'select'>, now: Date): Promise<Map<string, Measure>> {
  const { closedAt, until, sparedUntil, detectedAt, id } = abuseDetections
  const rows = await db
    .select()
    .from(abuseDetections)
    .where(or(and(isNull(closedAt), gt(until, now)), gt(sparedUntil, now)))
    .orderBy(desc(detectedAt), desc(id))
    .limit(MOST_LIVE)
  // Oldest first: a newer one of the same subject takes its place.
  return new Map(
    rows.reverse().map((row) => [
      measureKey(row.rule, row.subject),
      {
        ...{ id: row.id, rule: row.rule, subject: row.subject, enforced: row.enforced, action: row.action },
        until: row.closedAt ? 0 : row.until.getTime(),
        sparedUntil: row.sparedUntil?.getTime() ?? 0,
      },
    ]),
  )
}
