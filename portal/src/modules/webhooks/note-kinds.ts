import type { App } from '#portal/platform/app.ts'
import type { ClaimedEvent } from './claim-events.ts'
import { strangeKinds } from './known-kinds.ts'
import { webhookKinds } from './tables.ts'

/** Kinds that are kept and told of; a service gone mad must not fill the table. */
const MOST_KINDS = 500

/** Notices event types and shapes that the portal does not know, and tells people of each once. */
export async function noteKinds(app: App, events: ClaimedEvent[]): Promise<void> {
  const strange = new Map(
    events.flatMap((event) => strangeKinds(event).map((kind) => [kind, event.id] as const)),
  )
  if (strange.size === 0) return
  const known = new Set(
    (await app.db.select({ kind: webhookKinds.kind }).from(webhookKinds)).map(({ kind }) => kind),
  )
  const fresh = [...strange].filter(([kind]) => !known.has(kind)).slice(0, MOST_KINDS - known.size)
  for (const [kind, eventId] of fresh) {
    const { rowCount } = await app.db
      .insert(webhookKinds)
      .values({ kind, eventId, firstSeenAt: app.clock() })
      .onConflictDoNothing()
    if (rowCount) await tell(app, kind)
  }
}

async function tell(app: App, kind: string): Promise<void> {
  const [what, type = '', field = ''] = kind.split(':')
  await app.ports.alerts.raise({
    key: `webhooks.strange:${kind}`,
    severity: 'info',
    summary:
      what === 'type'
        ? 'The video service sends events of a type that the portal does not know. They are kept and left alone.'
        : 'The video service sends events in a shape that the portal does not know. They are applied all the same.',
    details: { type, ...(field ? { field } : {}) },
  })
}
