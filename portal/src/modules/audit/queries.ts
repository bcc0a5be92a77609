import type { Page } from '#portal/platform/cursor.ts'
import { verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import type { HistoryEvent } from './answers.ts'
import { searchAuditInput } from './inputs.ts'
import { shapeOf } from './log-reading.ts'
import { type AuditRecord, searchEvents } from './search.ts'
import type { SqlRunner } from './sql-runner.ts'

/** The log, for whoever holds a grant; the look itself is noted, with what was asked by and not what for. */
export const searchAudit = verb({
  action: 'audit.search',
  input: searchAuditInput,
  allow: { role: 'admin', logGrant: true },
  async run({ tx, input }): Promise<{ result: Page<AuditRecord>; change: Change }> {
    const result = await searchEvents(tx, input)
    const details = { ...shapeOf(input), found: result.items.length }
    return { result, change: { target: { type: 'audit_log', id: 'audit_log' }, details } }
  },
})

type About = { share: string; actors?: string[] } | { target: string } | { concerning: string }

/** History of one thing or person, newest first; whether the caller may see it has been decided before. */
export async function listHistory(
  runner: SqlRunner,
  about: About,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<HistoryEvent>> {
  const page = await searchEvents(runner, { ...about, limit, cursor })
  return { ...page, items: page.items.flatMap(toHistory) }
}

function toHistory({ event, columns, missing, time, proved }: AuditRecord): HistoryEvent[] {
  const { event_id: id, action, outcome, actor } = columns
  // What is damaged is for whoever looks after the log.
  if (missing === 'damaged' || id === null || action === null || outcome === null || actor === null) return []
  const [reason, actorKind] = event ? [event.reason, event.actor.kind] : [null, null]
  return [{ id, time, action, outcome, reason, actorKind, actor, archived: event === null, proved }]
}
