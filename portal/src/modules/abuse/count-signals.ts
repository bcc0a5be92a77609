import { randomUUID } from 'node:crypto'
import type { App } from '#portal/platform/app.ts'
import { gather } from '#portal/platform/gather.ts'
import { type AbuseInForce, type Measure, measureKey } from './follow-measures.ts'
import {
  ABUSE_RULE_NAMES,
  type AbuseRule,
  type AbuseRuleName,
  type AbuseSubject,
  type Signal,
} from './rules.ts'

/** Signals that wait for the database at once: of a flood of more, the rest is dropped and counted. */
const MOST_WAITING = 2000
const AT_ONCE = 500

/** Whom a signal is about, as keyed hashes; what is not known is left out. */
export type Suspect = { [S in Exclude<AbuseSubject, 'portal'>]?: string | undefined } & { source: string }

export type Noticed = {
  rule: AbuseRuleName
  subject: string
  object: string
  source: string
  about: string
  windowSeconds: number
  threshold: number
}
export type Met = { rule: AbuseRuleName; subject: string; seen: number }

export const subjectOf = ({ by }: Pick<AbuseRule, 'by'>, suspect: Suspect) =>
  by === 'portal' ? 'all' : suspect[by]

/** The account or link that is tried. */
export const aboutOf = ({ account, link }: Suspect): string => account ?? link ?? ''

/** What a signal adds to each rule that listens to it; nothing for whom a rule deals with already, or leaves alone. */
export function noticedBy(
  { rules, measures }: AbuseInForce,
  signal: Signal,
  suspect: Suspect,
  now: number,
): Noticed[] {
  return ABUSE_RULE_NAMES.flatMap((name) => {
    const rule = rules[name]
    const subject = rule.signal === signal ? subjectOf(rule, suspect) : undefined
    if (subject === undefined || isSettled(measures.get(measureKey(name, subject)), now)) return []
    const about = aboutOf(suspect)
    const object =
      rule.counts === 'tries' ? randomUUID() : rule.counts === 'accounts' ? suspect.account : suspect.link
    if (!object) return []
    const { windowSeconds, threshold } = rule
    return [{ rule: name, subject, object, source: suspect.source, about, windowSeconds, threshold }]
  })
}

const isSettled = (measure: Measure | undefined, now: number) =>
  measure !== undefined && (measure.until > now || measure.sparedUntil > now)

/**
 * Writes what was noticed, many at once, and tells which thresholds it met. The rows are committed before they are counted:
 * of two nodes that notice at the same moment, the later one sees both.
 */
export function countSignals(app: Pick<App, 'pool' | 'clock' | 'log' | 'telemetry'>) {
  let waiting = 0

  const write = gather(async (batches: Noticed[][]): Promise<(Met[] | null)[]> => {
    const noticed = new Map(
      batches.flat().map((one) => [`${one.rule} ${one.subject} ${one.object}`, one] as const),
    )
    const rows = [...noticed.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const at = app.clock()
    await app.pool.query(INSERT, [
      ...(['rule', 'subject', 'object', 'source', 'about'] as const).map((name) =>
        rows.map((row) => row[name]),
      ),
      at,
    ])
    const pairs = [...new Map(rows.map((row) => [measureKey(row.rule, row.subject), row])).values()]
    const counted = await app.pool.query<Met & { threshold: number }>(COUNT, [
      pairs.map(({ rule }) => rule),
      pairs.map(({ subject }) => subject),
      pairs.map(({ windowSeconds }) => windowSeconds),
      pairs.map(({ threshold }) => threshold),
      at,
    ])
    // All of it is told with the first: whoever asks with it deals with it.
    return batches.map((_, place) => (place === 0 ? counted.rows : []))
  }, AT_ONCE)

  return {
    /** @returns null where it was not counted: too much at once, or the database fails */
    async add(noticed: Noticed[]): Promise<Met[] | null> {
      if (noticed.length === 0) return []
      if (waiting >= MOST_WAITING) return null
      waiting += 1
      try {
        return await write(noticed)
      } catch (error) {
        app.log.error({ err: error }, 'signs of abuse were not counted')
        return null
      } finally {
        waiting -= 1
      }
    },
    /** Whoever gets in after all takes back what they tried from there. @returns whether there was anything */
    async takeBack(source: string, about: string): Promise<boolean> {
      const gone = await app.pool
        .query('delete from abuse_signals where source = $1 and about = $2', [source, about])
        .catch((error: unknown) => app.log.warn({ err: error }, 'tries were not taken back'))
      return (gone?.rowCount ?? 0) > 0
    },
  }
}

const keyOf = ({ rule, subject, object }: Noticed) => `${rule} ${subject} ${object}`

const INSERT = `
  insert into abuse_signals (rule, subject, object, source, about, at)
  select rule, subject, object, source, about, $6
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) noticed (rule, subject, object, source, about)
  on conflict (rule, subject, object) do update set at = excluded.at`

const COUNT = `
  select asked.rule, asked.subject, seen::int
  from unnest($1::text[], $2::text[], $3::int[], $4::int[]) asked (rule, subject, seconds, threshold)
  cross join lateral (
    select count(*) seen from abuse_signals s
    where s.rule = asked.rule and s.subject = asked.subject and s.at > $5::timestamptz - make_interval(secs => asked.seconds)
  ) counted
  where seen >= asked.threshold`
