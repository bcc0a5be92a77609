import type { App } from '#portal/platform/app.ts'
import { throughBadMoments } from '#portal/platform/bad-moments.ts'
import { gather } from '#portal/platform/gather.ts'
import type { ClaimedEvent } from './claim-events.ts'
import { type Failure, secondsToNextTry, stepAfter, TRIES } from './retry-rules.ts'
import type { OUTCOMES } from './rules.ts'
import type { Origin } from './tables.ts'

export type Outcome = (typeof OUTCOMES)[number]

/** How one try ended. */
export type Result = {
  event: ClaimedEvent
  at: Date
  origin: Origin
  replayId: string | null
} & ({ outcome: Outcome } | { failure: Failure })

const MOST_TOGETHER = 500

/**
 * Writes down how tries ended: those that end at once share their statements. An event that was applied or discarded in
 * the meantime stays as it is.
 */
export function createResultWriter(app: Pick<App, 'pool' | 'telemetry'>): (result: Result) => Promise<void> {
  return gather(async (results: Result[]) => {
    const written = await throughBadMoments(async () => {
      const applied = await writeApplied(app, results)
      return new Set([...applied, ...(await writeFailed(app, results))])
    })
    for (const result of results) if (written.has(result.event.id)) count(app, result)
    return results.map(() => undefined)
  }, MOST_TOGETHER)
}

async function writeApplied({ pool }: Pick<App, 'pool'>, results: Result[]): Promise<string[]> {
  const applied = results.flatMap((result) => ('outcome' in result ? [result] : []))
  if (applied.length === 0) return []
  const { rows } = await pool.query<{ id: string }>({
    name: 'webhooks-write-applied',
    text: `with ended as (
        select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[])
          as r (id, outcome, at, origin, replay_id)
      ), written as (
        update webhook_events e set state = 'applied', applied_at = r.at, outcome = r.outcome, attempts = e.attempts + 1,
          last_error = null, cause = null, last_tried_at = r.at, next_try_at = null, claimed_until = null, claims = 0,
          replay_id = null
        from ended r where e.id = r.id and e.state in ('pending', 'dead')
        returning e.id, e.attempts, r.at, r.origin, r.replay_id
      ), noted as (
        insert into webhook_attempts (event_id, number, origin, replay_id, at, outcome, next_step)
        select id, attempts, origin, replay_id, at, 'applied', 'none' from written where attempts > 1 or origin <> 'delivery'
      )
      select id from written`,
    values: [applied.map(({ event }) => event.id), applied.map(({ outcome }) => outcome), ...common(applied)],
  })
  return rows.map(({ id }) => id)
}

async function writeFailed({ pool }: Pick<App, 'pool'>, results: Result[]): Promise<string[]> {
  const failed = results.flatMap((result) => ('failure' in result ? [result] : []))
  if (failed.length === 0) return []
  const { rows } = await pool.query<{ id: string }>({
    name: 'webhooks-write-failed',
    text: `with ended as (
        select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
          $7::timestamptz[], $8::boolean[], $9::text[])
          as r (id, error, at, origin, replay_id, cause, next_try_at, dies, next_step)
      ), written as (
        update webhook_events e set state = case when r.dies then 'dead' else e.state end,
          died_at = case when r.dies then coalesce(e.died_at, r.at) end, attempts = e.attempts + 1,
          last_error = r.error, cause = r.cause, last_tried_at = r.at, next_try_at = r.next_try_at, claimed_until = null,
          claims = 0, replay_id = null
        from ended r where e.id = r.id and e.state in ('pending', 'dead')
        returning e.id, e.attempts, r.at, r.origin, r.replay_id, r.cause, r.error, r.next_step
      ), noted as (
        insert into webhook_attempts (event_id, number, origin, replay_id, at, outcome, cause, error, next_step)
        select id, attempts, origin, replay_id, at, 'failed', cause, error, next_step from written
      )
      select id from written`,
    values: [
      failed.map(({ event }) => event.id),
      failed.map(({ failure }) => failure.error),
      ...common(failed),
      failed.map(({ failure }) => failure.cause),
      failed.map(({ event, at }) => nextTry(event, at)),
      failed.map(({ event }) => event.state === 'dead' || event.attempts + 1 >= TRIES),
      failed.map(({ event }) => stepAfter(event.attempts + 1)),
    ],
  })
  return rows.map(({ id }) => id)
}

const common = (results: Pick<Result, 'at' | 'origin' | 'replayId'>[]) => [
  results.map(({ at }) => at),
  results.map(({ origin }) => origin),
  results.map(({ replayId }) => replayId),
]

const nextTry = ({ attempts }: ClaimedEvent, at: Date) =>
  new Date(at.getTime() + secondsToNextTry(attempts + 1, Math.random()) * 1000)

function count({ telemetry }: Pick<App, 'telemetry'>, result: Result): void {
  const { event, at, origin } = result
  const attempt = event.synthetic ? 'filled_in' : event.attempts === 0 ? 'first' : 'later'
  const ended = 'outcome' in result ? 'applied' : 'failed'
  if (origin !== 'delivery') telemetry.add('portal.dead_letter.replayed', { outcome: ended, origin })
  if ('outcome' in result) {
    telemetry.add('portal.webhook.applied', { outcome: result.outcome, attempt })
    const seconds = (at.getTime() - event.receivedAt.getTime()) / 1000
    telemetry.observe('portal.webhook.apply.duration', {}, Math.max(0, seconds))
    return
  }
  telemetry.add('portal.webhook.failed', { attempt })
  if (event.state === 'pending' && event.attempts + 1 === TRIES)
    telemetry.add('portal.dead_letter.added', { cause: result.failure.cause })
}
