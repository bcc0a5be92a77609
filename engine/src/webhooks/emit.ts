import { randomUUID } from 'node:crypto'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { notify } from '#engine/platform/session-connection.ts'

export const OUTBOX_CHANNEL = 'engine_outbox'

export type EngineEvent = {
  /** e.g. video.asset.ready */
  type: string
  object: { type: 'asset' | 'upload' | 'track'; id: string }
  /** The full object, instants as integers. */
  data: unknown
}

/**
 * Writes an event and one delivery for each endpoint in the caller's transaction: it is sent if, and only if, the
 * change it tells of is committed. Envelope: Mux's webhook specification.
 */
export async function emitEvent(tx: Queryable, ctx: EngineContext, event: EngineEvent): Promise<void> {
  const at = ctx.clock()
  const id = randomUUID()
  const body = {
    type: event.type,
    id,
    created_at: at.toISOString().replace('Z', '000Z'),
    object: event.object,
    environment: { name: 'Engine', id: 'engine' },
    data: event.data,
    request_id: null,
    accessor: null,
    accessor_source: null,
  }
  await tx.query(
    `with event as (
       insert into engine.webhook_events (id, type, object_type, object_id, body, created_at)
       values ($1, $2, $3, $4, $5, $6) returning id)
     insert into engine.webhook_deliveries (event_id, endpoint, next_attempt_at)
     select event.id, endpoint, $6 from event, unnest($7::text[]) as endpoint`,
    [id, event.type, event.object.type, event.object.id, JSON.stringify(body), at, endpoints(ctx)],
  )
  await notify(tx, OUTBOX_CHANNEL, '')
}

function endpoints(ctx: EngineContext): string[] {
  return [...new Set(ctx.settings.webhooks.map(({ url }) => url))]
}
