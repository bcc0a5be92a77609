import { sql } from 'drizzle-orm'
import type { Tx } from './db.ts'

/**
 * Takes those jobs of a task out of the queue whose payload `isTheirs` meets, and which no worker runs just now; gives
 * how many. One that runs ends by itself within its deadline.
 */
export async function dropQueued(
  tx: Tx,
  task: string,
  isTheirs: (payload: Record<string, unknown>) => boolean,
): Promise<number> {
  const { rows } = await tx.execute<{ id: string; payload: Record<string, unknown> }>(
    sql`select job.id, job.payload from graphile_worker._private_jobs job
      join graphile_worker._private_tasks task on task.id = job.task_id where task.identifier = ${task}`,
  )
  const ids = rows.filter(({ payload }) => isTheirs(payload)).map(({ id }) => String(id))
  if (ids.length === 0) return 0
  const { rowCount } = await tx.execute(sql`delete from graphile_worker._private_jobs
    where id = any(${sql.param(ids)}::bigint[]) and locked_at is null`)
  return rowCount ?? 0
}
