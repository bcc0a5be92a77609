import { and, eq, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { type ReconciliationRow, reconciliationSeen, reconciliations } from '../tables.ts'

export type Db = Pick<Tx, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

export async function findReconciliation(db: Db, id: string): Promise<ReconciliationRow | null> {
  const [row] = await db.select().from(reconciliations).where(eq(reconciliations.id, id))
  return row ?? null
}

/** Takes the run for `ms`; null where another process has it, or it does not run any more. */
export async function claimReconciliation(
  db: Db,
  id: string,
  now: Date,
  ms: number,
): Promise<ReconciliationRow | null> {
  const [row] = await db
    .update(reconciliations)
    .set({ claimedUntil: new Date(now.getTime() + ms), step: sql`${reconciliations.step} + 1` })
    .where(
      and(
        eq(reconciliations.id, id),
        eq(reconciliations.status, 'running'),
        or(isNull(reconciliations.claimedUntil), lt(reconciliations.claimedUntil, now)),
      ),
    )
    .returning()
  return row ?? null
}

/** Writes what a step found out, if the run is still that step's; false if another process went on with it. */
export async function writeStep(
  db: Db,
  run: ReconciliationRow,
  patch: Partial<ReconciliationRow>,
): Promise<boolean> {
  const { rowCount } = await db
    .update(reconciliations)
    .set(patch)
    .where(
      and(
        eq(reconciliations.id, run.id),
        eq(reconciliations.step, run.step),
        eq(reconciliations.status, 'running'),
      ),
    )
  return rowCount === 1
}

/** Notes that the service has these names in its lists. */
export async function markSeen(db: Db, reconciliationId: string, objectIds: string[]): Promise<void> {
  if (objectIds.length === 0) return
  await db
    .insert(reconciliationSeen)
    .values([...new Set(objectIds)].map((objectId) => ({ reconciliationId, objectId })))
    .onConflictDoNothing()
}

/** The condition that a name was in none of this run's lists. */
export function unseenIn(reconciliationId: string): (name: SQL) => SQL {
  return (name) =>
    sql`not exists (select 1 from reconciliation_seen s where s.reconciliation_id = ${reconciliationId} and s.object_id = ${name})`
}

export async function forgetSeen(db: Db, reconciliationId: string): Promise<void> {
  await db.delete(reconciliationSeen).where(eq(reconciliationSeen.reconciliationId, reconciliationId))
}

/** Ends runs whose deletions waited for a person: a newer run finds the same, or that it is no longer so. */
export async function supersedeHeld(db: Db, now: Date): Promise<void> {
  await db
    .update(reconciliations)
    .set({ status: 'superseded', updatedAt: now })
    .where(inArray(reconciliations.status, ['held']))
}
