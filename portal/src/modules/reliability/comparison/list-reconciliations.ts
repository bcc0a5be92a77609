import { and, desc, eq, inArray, lt, or, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { decodeInstant, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { FindingView, ReconciliationView } from '../answers.ts'
import { listFindingsInput, listReconciliationsInput, reconciliationIdInput } from '../inputs.ts'
import type { FindingKind } from '../rules.ts'
import {
  type FindingRow,
  reconciliationFindings as findings,
  type ReconciliationRow,
  reconciliations,
} from '../tables.ts'
import { findReconciliation } from './store-reconciliation.ts'

/** Comparisons with the video service, newest first. */
export const listReconciliations = read({
  action: 'reconciliation.list',
  input: listReconciliationsInput,
  allow: { role: 'admin' },
  async run({ db, input }): Promise<Page<ReconciliationView>> {
    const rows = await db
      .select()
      .from(reconciliations)
      .where(isBehind(input.cursor, reconciliations.startedAt, reconciliations.id))
      .orderBy(desc(reconciliations.startedAt), desc(reconciliations.id))
      .limit(input.limit + 1)
    return toPage(rows.map(viewRun), input.limit, (run) => encodeCursor(run.startedAt, run.id))
  },
})

/** One comparison, as far as it has come. */
export const getReconciliation = read({
  action: 'reconciliation.get',
  input: reconciliationIdInput,
  allow: { role: 'admin' },
  async run({ db, input }): Promise<ReconciliationView> {
    const row = await findReconciliation(db, input.id)
    if (!row) throw new AppError('not_found', 'There is no such comparison.')
    return viewRun(row)
  },
})

/** Differences, those seen last first: what each was, and what became of it. */
export const listFindings = read({
  action: 'reconciliation.findings',
  input: listFindingsInput,
  allow: { role: 'admin' },
  run: async ({ db, input }) => await findFindings(db, input),
})

type Filter = { kind?: string | undefined; state: string; run?: string | undefined }
type Paged = Filter & { cursor?: string | undefined; limit: number }

export async function findFindings(db: Tx, input: Paged): Promise<Page<FindingView>> {
  const rows = await db
    .select()
    .from(findings)
    .where(and(...conditions(input), isBehind(input.cursor, findings.lastSeenAt, findings.id)))
    .orderBy(desc(findings.lastSeenAt), desc(findings.id))
    .limit(input.limit + 1)
  return toPage(rows.map(viewFinding), input.limit, (one) => encodeCursor(one.lastSeenAt, one.id))
}

const UNSETTLED: FindingRow['state'][] = ['waiting', 'open', 'held', 'failed', 'reported']

function conditions({ kind, state, run }: Filter): (SQL | undefined)[] {
  return [
    kind ? eq(findings.kind, kind as FindingKind) : undefined,
    run ? eq(findings.lastSeenIn, run) : undefined,
    state === 'unsettled' ? inArray(findings.state, UNSETTLED) : undefined,
    state !== 'unsettled' && state !== 'all' ? eq(findings.state, state as FindingRow['state']) : undefined,
  ]
}

function isBehind(cursor: string | undefined, at: AnyPgColumn, id: AnyPgColumn): SQL | undefined {
  if (!cursor) return undefined
  const from = decodeInstant(cursor)
  return or(lt(at, from.instant), and(eq(at, from.instant), lt(id, from.id)))
}

function viewRun(row: ReconciliationRow): ReconciliationView {
  const { id, provider, mode, askedBy, status, stage, uploads, assets, videos, strangers } = row
  return {
    ...{ id, provider, mode, askedBy, status, stage, uploads, assets, videos, strangers },
    findings: Object.entries(row.findings).map(([kind, [found, done]]) => ({ kind, found, done })),
    held: row.held,
    error: row.error,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    decision: row.decision,
  }
}

function viewFinding(row: FindingRow): FindingView {
  const { id, kind, objectType, objectId, uploadId, videoId, shares, detail, state, error } = row
  return {
    ...{ id, kind, objectType, objectId, uploadId, videoId, shares, detail, state, error },
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    run: row.lastSeenIn,
    actedAt: row.actedAt?.toISOString() ?? null,
  }
}
