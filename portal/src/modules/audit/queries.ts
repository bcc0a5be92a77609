import type { Page } from '#portal/platform/cursor.ts'
import { read } from '#portal/platform/operation.ts'
import { searchAuditInput } from './inputs.ts'
import { type AuditRecord, searchEvents } from './search.ts'
import type { SqlRunner } from './sql-runner.ts'

/** The log, for those of the staff who answer for it. */
export const searchAudit = read({
  action: 'audit.search',
  input: searchAuditInput,
  allow: { role: 'admin', groups: ['security', 'compliance'] },
  run: ({ db, input }): Promise<Page<AuditRecord>> => searchEvents(db, input),
})

/** History of one share, newest first; who may see that share has been decided before. */
export async function listShareEvents(
  runner: SqlRunner,
  share: string,
  page: { limit: number; cursor?: string },
): Promise<Page<AuditRecord>> {
  return await searchEvents(runner, { share, ...page })
}
