import type { App } from '#portal/platform/app.ts'
import { csvLine } from '#portal/platform/csv.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { FindingView } from '../answers.ts'
import { exportFindingsInput } from '../inputs.ts'
import { findFindings } from './list-reconciliations.ts'

/** Most rows of one export; its last line says so where there are more. */
const MOST_EXPORTED = 100_000
const ROWS_AT_ONCE = 200

const recordExport = verb({
  action: 'reconciliation.export',
  input: exportFindingsInput,
  allow: { role: 'admin' },
  async run({ input: { format, kind, state, run } }) {
    const details = { format, state, ...(kind ? { kind } : {}) }
    return {
      result: null,
      change: { target: { type: 'reconciliation', id: run ?? 'all' }, details },
    }
  },
})

/** Differences as CSV or JSON Lines: IDs, states and instants, nothing of people. */
export const exportFindings = flow({
  action: 'reconciliation.export',
  input: exportFindingsInput,
  allow: { role: 'admin' },
  async run({ app, input, ctx }): Promise<AsyncGenerator<string>> {
    await app.call(recordExport, input, ctx)
    return lines(app, input)
  },
})

const COLUMNS = {
  id: 'id',
  kind: 'kind',
  state: 'state',
  object_type: 'objectType',
  object_id: 'objectId',
  upload_id: 'uploadId',
  video_id: 'videoId',
  live_shares: 'shares',
  first_seen_at: 'firstSeenAt',
  last_seen_at: 'lastSeenAt',
  run: 'run',
  acted_at: 'actedAt',
  error: 'error',
} as const satisfies Record<string, keyof FindingView>

async function* lines(
  app: App,
  {
    format,
    ...filter
  }: { format: 'csv' | 'json'; kind?: string | undefined; state: string; run?: string | undefined },
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(Object.keys(COLUMNS))
  let cursor: string | undefined
  for (let rows = 0; rows < MOST_EXPORTED; rows += ROWS_AT_ONCE) {
    const page = await app.db.transaction(
      (tx) => findFindings(tx, { ...filter, cursor, limit: ROWS_AT_ONCE }),
      { accessMode: 'read only' },
    )
    for (const view of page.items) yield rowOf(view, format)
    if (!page.nextCursor) return
    cursor = page.nextCursor
  }
  const rest = `cut off after ${MOST_EXPORTED} differences; narrow the filters for the rest`
  yield format === 'csv' ? csvLine([rest]) : `${JSON.stringify({ note: rest })}\n`
}

function rowOf(view: FindingView, format: 'csv' | 'json'): string {
  const cells = Object.entries(COLUMNS).map(([name, key]) => [name, view[key]] as const)
  return format === 'csv'
    ? csvLine(cells.map(([, value]) => String(value ?? '')))
    : `${JSON.stringify(Object.fromEntries(cells))}\n`
}
