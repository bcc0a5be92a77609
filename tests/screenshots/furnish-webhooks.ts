import { putDeadLetters } from '../support/dead-letters.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'

/** An inbox after a bad night: dead letters of two causes, forgeries, a replay under way, a type that is new. */
export async function furnishWebhooks(stack: Stack, videoId: string): Promise<void> {
  const silence = {
    cause: 'provider_unavailable' as const,
    error: "The video service can't be reached right now. Try again shortly.",
    videoId,
  }
  await putDeadLetters(stack, [
    ...['created', 'updated', 'ready'].map((what) => ({ ...silence, type: `video.asset.${what}` })),
    {
      type: 'video.asset.errored',
      cause: 'provider_refused',
      error: 'The video service refused the request (HTTP 403).',
    },
  ])
  for (const signature of ['', 't=1,v1=0', `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`])
    await fetch(`${stack.url}/api/webhooks/mux`, {
      method: 'POST',
      headers: { 'mux-signature': signature },
      body: '{"id":"forged"}',
    })
  await onDatabase(stack, async (db) => {
    await db.query(
      `insert into webhook_kinds (kind, first_seen_at, event_id) values ('type:video.asset.warming_up', now(), 'one')`,
    )
    await db.query(
      `insert into webhook_replays (id, origin, asked_by, asked_at, selection, found, progress_at)
       values ('whr_furnished', 'schedule', 'webhooks.replay-due', now() - interval '4 seconds', '{}', 40, now() + interval '1 day')`,
    )
    await db.query(
      `insert into webhook_attempts (event_id, number, origin, replay_id, at, outcome, next_step)
       select id, 6, 'schedule', 'whr_furnished', now(), 'applied', 'none'
       from (select id from webhook_events where state = 'applied' limit 1) e, generate_series(1, 26)`,
    )
  })
}
