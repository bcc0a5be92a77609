import { randomUUID } from 'node:crypto'
import type { Stack } from './stack.ts'
import { onDatabase } from './stack-tools.ts'

export type Letter = {
  type: string
  cause: 'provider_unavailable' | 'provider_refused' | 'unexpected'
  error: string
  /** The video it is about; without one, a thing that nobody here knows. */
  videoId?: string
}

/** Puts events into a portal's inbox that were given up an hour ago, each with its tries; returns their IDs. */
export async function putDeadLetters(stack: Pick<Stack, 'dataDir'>, letters: Letter[]): Promise<string[]> {
  const ids = letters.map(() => randomUUID())
  await onDatabase(stack as Stack, async (db) => {
    for (const [place, { type, cause, error, videoId }] of letters.entries()) {
      const id = ids[place]
      await db.query(
        `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at, state,
           attempts, cause, last_error, last_tried_at, died_at, next_try_at)
         select $1, 'engine', $2, 'asset', coalesce(v.asset_id, $1), jsonb_build_object('status', 'ready', 'resolution_tier', '1080p'),
           now() - interval '75 minutes', now() - interval '75 minutes', 'dead', 5, $3, $4, now() - interval '1 hour',
           now() - interval '1 hour', now() + interval '20 minutes'
         from (select 1) one left join videos v on v.id = $5`,
        [id, type, cause, error, videoId ?? null],
      )
      await db.query(
        `insert into webhook_attempts (event_id, number, origin, at, outcome, cause, error, next_step)
         select $1, n, 'delivery', now() - make_interval(mins => 75 - 3 * n), 'failed', $2, $3,
           case when n < 5 then 'retry' else 'dead_letter' end from generate_series(1, 5) n`,
        [id, cause, error],
      )
    }
  })
  return ids
}
