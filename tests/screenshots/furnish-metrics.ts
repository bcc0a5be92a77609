import type pg from 'pg'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'

/** Smooth, and the same each time: the pictures are compared by people. */
const wave = (n: number, most: number) =>
  Math.round(most * (0.55 + 0.35 * Math.sin(n / 9) + 0.1 * Math.sin(n / 2)))

type Added = { metric: string; series: string; sum: number; count?: number; buckets?: number[] }

/** What a lively portal counts in one span; `n` numbers the spans from the newest, `busy` is how long they are. */
function spanOf(n: number, busy: number): Added[] {
  const uploads = wave(n, 6 * busy)
  const events = wave(n + 3, 40 * busy)
  const failed = n % 17 === 4 ? 2 * busy : 0
  const replayed = n % 11 === 5 ? 3 : 0
  return [
    { metric: 'portal.upload.initiated', series: '', sum: uploads + 1 },
    { metric: 'portal.upload.completed', series: '', sum: uploads },
    { metric: 'portal.upload.received', series: '', sum: uploads * 420_000_000 },
    { metric: 'portal.upload.failed', series: 'reason=cut_short', sum: n % 13 === 2 ? 1 : 0 },
    { metric: 'portal.upload.failed', series: 'reason=timed_out', sum: n % 29 === 7 ? 1 : 0 },
    { metric: 'portal.upload.duration', series: 'phase=total', ...measured(uploads, 5 + (n % 2)) },
    { metric: 'portal.webhook.verified', series: 'sighting=new', sum: events },
    { metric: 'portal.webhook.applied', series: 'attempt=first,outcome=applied', sum: events - failed },
    { metric: 'portal.webhook.failed', series: 'attempt=first', sum: failed / 20 },
    { metric: 'portal.webhook.rejected', series: 'reason=signature', sum: n % 19 === 3 ? 4 : 0 },
    { metric: 'portal.webhook.apply.duration', series: '', ...measured(events, 1) },
    { metric: 'portal.dead_letter.depth', series: '', sum: n < 8 ? 3 : n < 20 ? 12 - Math.floor(n / 3) : 0 },
    { metric: 'portal.dead_letter.oldest_age', series: '', sum: n < 20 ? (20 - n) * 240 : 0 },
    { metric: 'portal.dead_letter.added', series: 'cause=provider_unavailable', sum: n === 12 ? 9 : 0 },
    {
      metric: 'portal.dead_letter.replay.duration',
      series: 'outcome=applied',
      ...measured(replayed, 2 + (n % 2)),
    },
    { metric: 'portal.dashboard.checks', series: 'outcome=up', sum: busy },
  ].filter(({ metric, sum }) => sum > 0 || metric.startsWith('portal.dead_letter.'))
}

/** So many measurements, most of them in one of the thirteen buckets. */
function measured(count: number, bucket: number): Pick<Added, 'sum' | 'count' | 'buckets'> {
  const buckets = Array.from({ length: 13 }, (_, n) =>
    n === bucket ? Math.ceil(count * 0.8) : n === bucket + 1 ? Math.floor(count * 0.2) : 0,
  )
  return { sum: count * 20, count, buckets }
}

async function insert(client: pg.Client, step: number, spans: number): Promise<void> {
  for (let n = 0; n < spans; n += 1) {
    const rows = spanOf(n, step === 60 ? 1 : 30)
    await client.query(
      `insert into metric_points (step, metric, at, series, count, sum, buckets)
       select $1, metric, date_trunc($2, now()) - make_interval(secs => $3), series, coalesce(count, 0), sum, buckets
       from jsonb_to_recordset($4::jsonb) as p (metric text, series text, count bigint, sum float8, buckets bigint[])
       on conflict do nothing`,
      [step, step === 60 ? 'minute' : 'hour', n * step, JSON.stringify(rows)],
    )
  }
}

/** An hour and thirty days of figures, and alerts in every state, on channels that fare well and badly. */
export async function furnishMetrics(stack: Stack): Promise<void> {
  await onDatabase(stack, async (client) => {
    await insert(client, 3600, 30 * 24)
    await insert(client, 60, 60)
    await client.query(`
      with alert as (
        insert into alerts (key, severity, summary, details, raised_at, last_raised_at, resolved_at, count, resolve_reason) values
          ('dead_letters.depth', 'critical', '10 or more webhooks could not be applied and wait as dead letters.',
           '{"depth": 12}', now() - interval '40 minutes', now() - interval '1 minute', null, 39, null),
          ('webhooks.signature_failures', 'critical',
           'Webhooks with wrong signatures come in numbers: somebody forges them, or the secret is wrong.',
           '{"refused": 24, "window_minutes": 5}', now() - interval '3 hours', now() - interval '2 hours', null, 6, null),
          ('mail.send:smtp', 'warning', 'A mail could not be handed over by smtp and was given up after 10 tries.',
           '{"template": "viewer-code", "attempts": 10}', now() - interval '2 days', now() - interval '2 days',
           now() - interval '47 hours', 1, null),
          ('metrics.silent:worker', 'critical',
           'No process of the role worker writes its metrics down any more: it is dead, or its database is.',
           '{"role": "worker"}', now() - interval '9 days', now() - interval '9 days', now() - interval '9 days', 4,
           'The machine was replaced')
        returning id, raised_at, key)
      insert into alert_deliveries (alert_id, channel, event, status, attempts, last_error, created_at, last_tried_at)
      select id, channel, 'raised', case when channel = 'pagerduty' and key like 'dead%' then 'given_up' else 'delivered' end,
        case when channel = 'pagerduty' and key like 'dead%' then 8 else 1 end,
        case when channel = 'pagerduty' and key like 'dead%' then 'PagerDuty answered 503 and did not take the alert.' end,
        raised_at, raised_at + interval '3 seconds'
      from alert, unnest(array['pagerduty', 'slack', 'email']) as channel`)
  })
}
