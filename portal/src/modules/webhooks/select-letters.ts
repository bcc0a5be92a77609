import { and, eq, gte, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { Selection } from './inputs.ts'
import { webhookEvents } from './tables.ts'

/** Dead letters of this selection that no replay has in hand. */
export function selected({ ids, cause, type, from, to }: Selection): SQL | undefined {
  return and(
    eq(webhookEvents.state, 'dead'),
    isNull(webhookEvents.replayId),
    ids ? inArray(webhookEvents.id, ids) : undefined,
    cause ? eq(webhookEvents.cause, cause) : undefined,
    type ? eq(webhookEvents.type, type) : undefined,
    from ? gte(webhookEvents.receivedAt, new Date(from)) : undefined,
    to ? lt(webhookEvents.receivedAt, new Date(to)) : undefined,
  )
}
