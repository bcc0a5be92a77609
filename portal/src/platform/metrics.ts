/**
 * Every metric there is. Names, kinds and units follow OpenTelemetry's conventions; the OpenMetrics names are made
 * from them by its rules (dots to underscores, the unit and `_total` at the end). Nothing personal, no IDs: a label
 * has few values, and what is not declared here can't be counted.
 */

/** UCUM units as OpenTelemetry writes them; what is counted stands in braces. */
export type Unit = 's' | 'By' | '1' | `{${string}}`

export type MetricDefinition = {
  kind: 'counter' | 'gauge' | 'histogram'
  unit: Unit
  help: string
  /** Label names with the values they may take; `any`: bounded in number when counted, see telemetry.ts. */
  labels: { readonly [name: string]: readonly string[] | 'any' }
  /** Upper bounds of a histogram's buckets, in its unit. */
  buckets?: readonly number[]
  /** What an auditor wants it for. */
  controls: readonly Control[]
}

/** SOC 2 trust services criteria, ISO/IEC 27001:2022 Annex A, GDPR articles. */
export type Control = `SOC2 ${string}` | `ISO27001 A.${string}` | `GDPR Art. ${string}`

const WEB_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const WORK_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600] as const

const AVAILABILITY = ['SOC2 A1.1', 'SOC2 A1.2', 'ISO27001 A.8.6'] as const
const INTEGRITY = ['SOC2 PI1.3', 'ISO27001 A.8.16', 'GDPR Art. 32'] as const
const MONITORING = ['SOC2 CC7.2', 'ISO27001 A.8.15', 'ISO27001 A.8.16'] as const
const ACCESS = ['SOC2 CC6.1', 'ISO27001 A.5.15', 'GDPR Art. 32'] as const

const LOGGING = ['SOC2 CC7.2', 'ISO27001 A.8.15', 'GDPR Art. 32'] as const

const counter = <const L extends MetricDefinition['labels']>(
  unit: Unit,
  help: string,
  labels: L,
  controls: readonly Control[],
) => ({ kind: 'counter' as const, unit, help, labels, controls })

const gauge = <const L extends MetricDefinition['labels']>(
  unit: Unit,
  help: string,
  labels: L,
  controls: readonly Control[],
) => ({ kind: 'gauge' as const, unit, help, labels, controls })

const seconds = <const L extends MetricDefinition['labels']>(
  help: string,
  buckets: readonly number[],
  labels: L,
  controls: readonly Control[],
) => ({ kind: 'histogram' as const, unit: 's' as const, help, labels, buckets, controls })

export const METRICS = {
  // uploads
  'portal.upload.initiated': counter('{upload}', 'Uploads that were begun', {}, AVAILABILITY),
  'portal.upload.received': counter('By', 'Bytes of uploads whose file arrived whole', {}, AVAILABILITY),
  'portal.upload.completed': counter('{upload}', 'Uploads whose video became ready', {}, AVAILABILITY),
  'portal.upload.failed': counter(
    '{upload}',
    'Uploads that ended without a video',
    { reason: 'any' },
    INTEGRITY,
  ),
  'portal.upload.cancelled': counter('{upload}', 'Uploads that a person ended', {}, AVAILABILITY),
  'portal.upload.duration': seconds(
    'From the beginning of an upload to a ready video, and of each part of it',
    WORK_SECONDS,
    { phase: ['transfer', 'processing', 'total'] },
    AVAILABILITY,
  ),

  // webhooks of the video service
  'portal.webhook.received': counter('{event}', 'Webhooks that arrived, genuine or not', {}, MONITORING),
  'portal.webhook.verified': counter(
    '{event}',
    'Webhooks whose signature held: met for the first time, or again',
    { sighting: ['new', 'repeat'] },
    INTEGRITY,
  ),
  'portal.webhook.rejected': counter('{event}', 'Webhooks refused', { reason: 'any' }, ACCESS),
  'portal.webhook.applied': counter(
    '{event}',
    'Events whose application ended well, by what came of it; at the first try, a later one, or filled in by a comparison',
    {
      outcome: ['applied', 'nothing_to_do', 'unknown_type', 'unknown_object'],
      attempt: ['first', 'later', 'filled_in'],
    },
    INTEGRITY,
  ),
  'portal.webhook.failed': counter(
    '{try}',
    'Tries to apply an event that failed',
    { attempt: ['first', 'later', 'filled_in'] },
    INTEGRITY,
  ),
  'portal.webhook.late': counter(
    '{event}',
    'Events that came later than their own history lets expect, or had to be filled in',
    { kind: ['late', 'missing', 'backfilled'] },
    MONITORING,
  ),
  'portal.webhook.apply.duration': seconds(
    'From the arrival of an event to the end of its application',
    WORK_SECONDS,
    {},
    INTEGRITY,
  ),
  'portal.dead_letter.added': counter(
    '{dead_letter}',
    'Events given up for now',
    { cause: 'any' },
    INTEGRITY,
  ),
  'portal.dead_letter.depth': gauge('{dead_letter}', 'Dead letters that wait', {}, INTEGRITY),
  'portal.dead_letter.oldest_age': gauge('s', 'Age of the oldest dead letter that waits', {}, INTEGRITY),
  'portal.dead_letter.replayed': counter(
    '{replay}',
    'Replays of dead letters that ended',
    { outcome: ['applied', 'failed'], origin: ['schedule', 'person', 'command'] },
    INTEGRITY,
  ),
  'portal.dead_letter.replay.duration': seconds(
    'From the order of a replay to its end',
    WORK_SECONDS,
    { outcome: ['applied', 'failed'] },
    INTEGRITY,
  ),

  // comparing with the video service
  'portal.reconcile.differences': counter(
    '{difference}',
    'Differences to the video service that were found',
    { kind: 'any' },
    INTEGRITY,
  ),
  'portal.reconcile.orphans': counter(
    '{object}',
    'Objects that only one side knew',
    { side: ['portal', 'provider'], action: ['deleted', 'adopted', 'kept'] },
    INTEGRITY,
  ),

  // what viewers meet
  'portal.playback.issued': counter(
    '{token}',
    'Playback that was granted or refused',
    { outcome: ['issued', 'renewed', 'refused'] },
    ACCESS,
  ),
  'portal.revocation.duration': seconds(
    'From a synthetic revoke to the end of playback',
    WEB_SECONDS,
    {},
    ACCESS,
  ),

  // abuse
  'portal.abuse.signals': counter(
    '{signal}',
    'Signs of abuse that doors noticed; dropped where there was too much at once, or nothing to count with',
    { signal: 'any', outcome: ['counted', 'dropped'] },
    ACCESS,
  ),
  'portal.abuse.detections': counter(
    '{detection}',
    'Times that a rule of abuse met its threshold',
    { rule: 'any', action: ['none', 'slow', 'challenge', 'block'] },
    ACCESS,
  ),

  // the audit log
  'portal.audit.head.age': gauge('s', 'Since the log last said which head is its newest', {}, LOGGING),
  'portal.audit.pending': gauge('{event}', 'Events recorded, but not yet in the tree', {}, LOGGING),
  'portal.audit.cosignatures': counter(
    '{answer}',
    'Answers of witnesses that were asked to cosign a head',
    {
      witness: 'any',
      outcome: [
        ...(['cosigned', 'forked', 'rolled_back', 'unknown_log', 'unknown_key'] as const),
        ...(['wrong_answer', 'wrong_clock', 'unreachable'] as const),
      ],
    },
    LOGGING,
  ),
  'portal.audit.cosignature.age': gauge(
    's',
    'Age of the newest cosignature of each witness',
    { witness: 'any' },
    LOGGING,
  ),
  'portal.audit.timestamps': counter(
    '{timestamp}',
    'Time-stamps asked for',
    { outcome: ['stamped', 'failed'] },
    LOGGING,
  ),

  // the portal itself
  'http.server.request.duration': seconds(
    'Requests by method and status',
    WEB_SECONDS,
    { 'http.request.method': 'any', 'http.response.status_code': 'any' },
    AVAILABILITY,
  ),
  'portal.job.duration': seconds(
    'Runs of jobs',
    WORK_SECONDS,
    { job: 'any', outcome: ['done', 'failed'] },
    MONITORING,
  ),
  'portal.queue.restarts': counter(
    '{restart}',
    'Times that the job queue ended by itself and was started again',
    {},
    AVAILABILITY,
  ),
  'portal.http.ended': counter(
    '{connection}',
    'Connections that were ended to make room, or because their body or their reader was too slow',
    { reason: ['slow_body', 'slow_reader', 'crowded'] },
    AVAILABILITY,
  ),
  'portal.mail.sent': counter('{mail}', 'Mails handed over', { outcome: ['sent', 'failed'] }, MONITORING),
  'portal.alert.delivered': counter(
    '{delivery}',
    'Tries to tell a channel of an alert',
    { channel: ['pagerduty', 'slack', 'email'], outcome: ['delivered', 'failed', 'given_up'] },
    MONITORING,
  ),
  'portal.dashboard.checks': counter(
    '{check}',
    'Synthetic looks at the dashboards',
    { outcome: ['up', 'down'] },
    AVAILABILITY,
  ),
} as const satisfies Record<string, MetricDefinition>

export type MetricName = keyof typeof METRICS

type ValueOf<V> = V extends readonly (infer One extends string)[] ? One : string

export type LabelsOf<M extends MetricName> = {
  readonly [L in keyof (typeof METRICS)[M]['labels']]: ValueOf<(typeof METRICS)[M]['labels'][L]>
}

type OfKind<K extends MetricDefinition['kind']> = {
  [M in MetricName]: (typeof METRICS)[M]['kind'] extends K ? M : never
}[MetricName]

export type CounterName = OfKind<'counter'>
export type GaugeName = OfKind<'gauge'>
export type HistogramName = OfKind<'histogram'>

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[]

export function definitionOf(name: MetricName): MetricDefinition {
  return METRICS[name]
}

const UNIT_WORDS: { readonly [unit: string]: string } = { s: 'seconds', By: 'bytes', '1': 'ratio' }

/** The unit in OpenMetrics' words; null for what is merely counted. */
export function openMetricsUnit(name: MetricName): string | null {
  return UNIT_WORDS[definitionOf(name).unit] ?? null
}

/** The family's name in OpenMetrics, without the suffixes of its samples. */
export function openMetricsName(name: MetricName): string {
  const unit = openMetricsUnit(name)
  return `${name.replaceAll('.', '_')}${unit ? `_${unit}` : ''}`
}

/** A label's name in OpenMetrics. */
export function openMetricsLabel(label: string): string {
  return label.replaceAll('.', '_')
}
