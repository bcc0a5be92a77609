import type { Page } from '#portal/platform/cursor.ts'
import { verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
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

/** History of one share, newest first; who may see that share has been decided before. */
export async function listShareEvents(
  runner: SqlRunner,
  share: string,
  page: { limit: number; cursor?: string },
): Promise<Page<AuditRecord>> {
  return await searchEvents(runner, { share, ...page })
}
