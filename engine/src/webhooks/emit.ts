import { randomUUID } from 'node:crypto'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { notify } from '#engine/platform/session-connection.ts'

export const OUTBOX_CHANNEL = 'engine_outbox'

/** Mux's names: what happened to which kind of thing. */
export type EventType =
  | `video.asset.${'created' | 'ready' | 'errored' | 'updated' | 'deleted' | 'warning' | 'non_standard_input_detected'}`
  | `video.asset.track.${'created' | 'ready' | 'errored' | 'deleted'}`
  | `video.asset.static_rendition.${'created' | 'ready' | 'errored' | 'skipped' | 'deleted'}`
  | `video.asset.static_renditions.${'preparing' | 'ready' | 'errored' | 'deleted'}`
  | `video.asset.master.${'preparing' | 'ready' | 'errored' | 'deleted'}`
  | `video.upload.${'created' | 'asset_created' | 'cancelled' | 'errored'}`

export type EngineEvent = {
  type: EventType
  object: { type: 'asset' | 'upload' | 'track' | 'static_rendition'; id: string }
  /** The full object, instants as integers; those of tracks and static renditions carry `asset_id` too. */
  data: unknown
}

/**
 * Writes an event and one delivery for each enabled receiver in the caller's transaction: it is sent if, and only if,
 * the change it tells of is committed. Envelope: Mux's webhook specification.
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
       values ($1, $2, $3, $4, $5, $6) returning id), receivers as (
       select unnest($7::text[]) as endpoint union select id from engine.webhook_endpoints where enabled)
     insert into engine.webhook_deliveries (event_id, endpoint, next_attempt_at)
     select event.id, endpoint, $6 from event, receivers`,
    [id, event.type, event.object.type, event.object.id, JSON.stringify(body), at, configured(ctx)],
  )
  await notify(tx, OUTBOX_CHANNEL, '')
}

function configured(ctx: EngineContext): string[] {
  return ctx.settings.webhooks.map(({ url }) => url)
}
