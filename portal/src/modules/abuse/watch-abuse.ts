import { sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { countHere } from './count-here.ts'
import { aboutOf, countSignals, type Met, noticedBy, type Suspect, subjectOf } from './count-signals.ts'
import { detectAbuse } from './detect-abuse.ts'
import { type AbuseInForce, followMeasures, type Measure, measureKey } from './follow-measures.ts'
import {
  ABUSE_RULE_NAMES,
  type AbuseRuleName,
  DEFAULT_ABUSE_RULES,
  type Door,
  type Signal,
  STRENGTH,
} from './rules.ts'
import { abuseDetections } from './tables.ts'

/** Sent where somebody got in whose tries in vain another node may have counted. */
const TAKEN_BACK = 'abuse.taken-back'
const TALLY_MS = 5000
const MEANWHILE_MS = 10_000
const MOST_TALLIED = 20_000

/** What a door does about a request. */
export type Answer = { rule: AbuseRuleName; measure: Measure }

export type AbuseWatch = {
  /** Notices something that happened at a door. Nobody waits for it; what it leads to holds from the next request on. */
  notice(signal: Signal, suspect: Suspect): void
  /** Somebody got in after all: what they tried in vain from there before was no attack. */
  takeBack(suspect: Suspect): void
  /** What is to be done about a request at this door; null for nearly all. */
  standAt(door: Door, suspect: Suspect): Promise<Answer | null>
  /** Counts a request that was refused for it. */
  refused(measure: Measure): void
  /** Everything noticed so far is counted, and what it led to is in force here. */
  settled(): Promise<void>
}

const watches = new WeakMap<App, AbuseWatch>()

/** The one watch of this process. */
export function abuseWatchOf(app: App): AbuseWatch {
  const known = watches.get(app) ?? createWatch(app)
  watches.set(app, known)
  return known
}

function createWatch(app: App): AbuseWatch {
  const here = countHere()
  // What is dealt with, wherever it was met, begins anew here as well once that is over.
  const policy = followMeasures(app, (recorded) => {
    for (const { rule, subject } of recorded) here.forget(rule, subject)
  })
  const signals = countSignals(app)
  const tally = tallyRefusals(app)
  const underWay = new Set<Promise<void>>()
  app.notices.subscribe(TAKEN_BACK, (suspect) => takeBackHere(suspect as Suspect))

  async function note(signal: Signal, suspect: Suspect): Promise<void> {
    const inForce = await policy.inForce()
    const now = app.clock().getTime()
    const noticed = noticedBy(inForce, signal, suspect, now)
    const metHere = noticed.flatMap((one): Met[] => {
      const seen = here.add(one, now)
      if (seen < one.threshold) return []
      holdMeanwhile(inForce, one, now)
      return [{ ...one, seen }]
    })
    // Detected at once where it was met here: the database may be slow, or gone.
    await Promise.all(metHere.map(detect))
    const met = await signals.add(noticed)
    app.telemetry.add('portal.abuse.signals', { signal, outcome: met ? 'counted' : 'dropped' })
    for (const one of met ?? []) await detect(one)
  }

  /** Until the detection is recorded, and for as long where it can't be. */
  function holdMeanwhile(
    { rules }: AbuseInForce,
    { rule, subject }: Pick<Met, 'rule' | 'subject'>,
    now: number,
  ): void {
    const { action, mode } = rules[rule]
    const enforced = app.settings.RATE_LIMIT_ENFORCED && mode === 'enforce'
    const until = now + MEANWHILE_MS
    policy.hold({ id: `${rule} meanwhile`, rule, subject, enforced, action, until, sparedUntil: 0 })
  }

  async function detect({ rule, subject, seen }: Pick<Met, 'rule' | 'subject' | 'seen'>): Promise<void> {
    try {
      const ctx = app.newContext({ kind: 'system', id: 'abuse' })
      const found = await app.call(detectAbuse, { rule, subject, seen }, ctx)
      policy.take({ ...found, sparedUntil: 0 })
      here.forget(rule, subject)
      app.telemetry.add('portal.abuse.detections', { rule, action: found.action })
      if (found.alert)
        await app.ports.alerts.raise({
          key: `abuse:${rule}`,
          severity: 'warning',
          summary: `Abuse was detected: ${found.title.toLowerCase()}.`,
          details: { rule, action: found.enforced ? found.action : 'watched', detection: found.id },
          audience: ['security', 'operations'],
        })
    } catch (error) {
      if (isAppError(error) && error.code === 'conflict') return
      app.log.error({ err: error, rule }, 'abuse was detected, and nothing could be done about it yet')
    }
  }

  function takeBackHere(suspect: Suspect): void {
    const keys = ABUSE_RULE_NAMES.map((name) =>
      measureKey(name, subjectOf(DEFAULT_ABUSE_RULES[name], suspect) ?? ''),
    )
    here.takeBack(keys, suspect, aboutOf(suspect))
  }

  async function takeBack({ source, network, account, link }: Suspect): Promise<void> {
    const suspect: Suspect = { source, network, account, link }
    takeBackHere(suspect)
    if (!(await signals.takeBack(source, aboutOf(suspect)))) return
    const body = { source, network: network ?? null, account: account ?? null, link: link ?? null }
    await app.db.transaction((tx) => notify(tx, { topic: TAKEN_BACK, body }))
  }

  function keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => app.log.error({ err: error }, 'a sign of abuse was lost'))
      .finally(() => underWay.delete(kept))
    underWay.add(kept)
  }
  const settled = async () => void (await Promise.all(underWay))
  app.atClose(settled)

  return {
    notice: (signal, suspect) => keep(note(signal, suspect)),
    takeBack(suspect) {
      if (aboutOf(suspect)) keep(takeBack(suspect))
    },
    async standAt(door, suspect) {
      const { rules, measures } = await policy.inForce()
      if (measures.size === 0) return null
      const now = app.clock().getTime()
      let answer: Answer | null = null
      for (const rule of ABUSE_RULE_NAMES) {
        if (!rules[rule].doors.includes(door)) continue
        const subject = subjectOf(rules[rule], suspect)
        const measure = subject && measures.get(measureKey(rule, subject))
        if (!measure || measure.until <= now) continue
        if (!measure.enforced) tally.add(measure.id)
        else if (!answer || STRENGTH[measure.action] > STRENGTH[answer.measure.action])
          answer = { rule, measure }
      }
      return answer && answer.measure.action !== 'none' ? answer : null
    },
    refused: (measure) => tally.add(measure.id),
    async settled() {
      await settled()
      await tally.flush()
    },
  }
}

/** What each answer refused, gathered here and written every few seconds: one row a detection, however many requests. */
function tallyRefusals(app: Pick<App, 'db' | 'clock' | 'log' | 'atClose'>) {
  let counts = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (counts.size === 0) return
    const rows = [...counts].sort().map(([id, n]) => ({ id, n }))
    counts = new Map()
    try {
      await app.db.execute(sql`
        update ${abuseDetections} d set refused = d.refused + counted.n, last_refused_at = ${app.clock()}
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) counted (id text, n bigint) where d.id = counted.id`)
    } catch (error) {
      app.log.warn({ err: error }, 'what was refused for abuse is not written yet')
      for (const { id, n } of rows) counts.set(id, (counts.get(id) ?? 0) + n)
    }
  }
  app.atClose(flush)

  return {
    flush,
    add(id: string): void {
      if (!counts.has(id) && counts.size >= MOST_TALLIED) return
      counts.set(id, (counts.get(id) ?? 0) + 1)
      timer ??= setTimeout(() => void flush(), TALLY_MS).unref()
    },
  }
}
