import type { Alert } from '#portal/adapters/alerts/port.ts'

/** What the rules look at: sums over the last hour and the last five minutes, and what is so now. */
export type Readings = {
  failedFirst: { hour: number; fiveMinutes: number }
  appliedFirst: { hour: number; fiveMinutes: number }
  refusedSignatures: { fiveMinutes: number; halfHour: number }
  deadLetters: { depth: number; oldestSeconds: number }
  /** Null where nothing was replayed in the last hour. */
  replayP95Seconds: number | null
  looks: { up: number; down: number }
}

/** `hold`: neither bad enough to begin nor good enough to end. */
export type Verdict = { key: string; is: 'raised' | 'cleared' | 'hold'; alert: Omit<Alert, 'key'> }

/** At least 99.5 % of genuine webhooks succeed at the first try (MUX-N1). */
export const FIRST_TRY_TARGET = 0.995
/** The dashboards answer 99 % of the time (UTM-05). */
export const DASHBOARD_TARGET = 0.99
/** A month's budget spent in two days pages somebody (SRE workbook: 1 h and 5 min). */
const FAST_BURN = 14.4
const LEAST_EVENTS = 20
const DEPTH = { raise: 10, clear: 5 }
const OLDEST_HOURS = 6
const REPLAY_SECONDS = 30
const SIGNATURES = { raise: 20 }
const LOOKS_DOWN = 3

const between = (raise: boolean, clear: boolean): Verdict['is'] =>
  raise ? 'raised' : clear ? 'cleared' : 'hold'

/** Which alerts ought to be open by what was counted. Pure. */
export function judgeMetrics(now: Readings): Verdict[] {
  return [failureRatio(now), signatures(now), depth(now), oldest(now), replays(now), dashboards(now)]
}

function failureRatio({ failedFirst, appliedFirst }: Readings): Verdict {
  const burn = (span: 'hour' | 'fiveMinutes') => {
    const total = failedFirst[span] + appliedFirst[span]
    return total === 0 ? 0 : failedFirst[span] / total / (1 - FIRST_TRY_TARGET)
  }
  const enough = failedFirst.hour + appliedFirst.hour >= LEAST_EVENTS
  return {
    key: 'webhooks.failure_ratio',
    is: between(
      enough && burn('hour') > FAST_BURN && burn('fiveMinutes') > FAST_BURN,
      burn('fiveMinutes') <= FAST_BURN,
    ),
    alert: {
      severity: 'critical',
      summary: 'Many genuine webhooks fail at the first try; at least 99.5 % are to succeed.',
      details: { failed: failedFirst.hour, applied: appliedFirst.hour, window_minutes: 60 },
    },
  }
}

function signatures({ refusedSignatures }: Readings): Verdict {
  return {
    key: 'webhooks.signature_failures',
    is: between(refusedSignatures.fiveMinutes >= SIGNATURES.raise, refusedSignatures.halfHour === 0),
    alert: {
      severity: 'critical',
      summary:
        'Webhooks with wrong signatures come in numbers: somebody forges them, or the secret is wrong.',
      details: { refused: refusedSignatures.fiveMinutes, window_minutes: 5 },
    },
  }
}

function depth({ deadLetters }: Readings): Verdict {
  return {
    key: 'dead_letters.depth',
    is: between(deadLetters.depth >= DEPTH.raise, deadLetters.depth < DEPTH.clear),
    alert: {
      severity: 'critical',
      summary: `${DEPTH.raise} or more webhooks could not be applied and wait as dead letters.`,
      details: { depth: deadLetters.depth },
    },
  }
}

function oldest({ deadLetters }: Readings): Verdict {
  const hours = deadLetters.oldestSeconds / 3600
  return {
    key: 'dead_letters.oldest_age',
    is: between(hours > OLDEST_HOURS, hours <= OLDEST_HOURS),
    alert: {
      severity: 'warning',
      summary: `A dead letter has waited for more than ${OLDEST_HOURS} hours.`,
      details: { hours: Math.floor(hours) },
    },
  }
}

function replays({ replayP95Seconds }: Readings): Verdict {
  const slow = replayP95Seconds !== null && replayP95Seconds > REPLAY_SECONDS
  return {
    key: 'dead_letters.replay_latency',
    is: between(slow, !slow),
    alert: {
      severity: 'warning',
      summary: `Replays of dead letters take longer than ${REPLAY_SECONDS} s.`,
      details: { p95_seconds: Math.round(replayP95Seconds ?? 0) },
    },
  }
}

function dashboards({ looks }: Readings): Verdict {
  return {
    key: 'dashboards.down',
    is: between(looks.down >= LOOKS_DOWN && looks.up === 0, looks.up > 0),
    alert: {
      severity: 'critical',
      summary: 'The dashboards do not answer.',
      details: { looks_in_vain: looks.down, window_minutes: 5 },
    },
  }
}

/**
 * A quantile from a histogram's buckets, straight between the bounds of the bucket that holds it; above the last bound,
 * that bound. Null without measurements.
 */
export function quantileOf(buckets: readonly number[], bounds: readonly number[], q: number): number | null {
  const total = buckets.reduce((sum, n) => sum + n, 0)
  if (total === 0) return null
  const rank = q * total
  let below = 0
  for (const [at, n] of buckets.entries()) {
    const upper = bounds[at]
    if (below + n >= rank && n > 0) {
      const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0)
      return upper === undefined ? lower : lower + ((upper - lower) * (rank - below)) / n
    }
    below += n
  }
  return bounds.at(-1) ?? null
}
