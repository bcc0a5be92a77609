import type pg from 'pg'
import type { App } from '#portal/platform/app.ts'
import { headOf, NAMED_HEAD_BYTES, seal, unseal } from '#portal/platform/crypto.ts'
import type { SealRing } from '#portal/platform/seal-ring.ts'
import { UnopenedBox } from '#portal/platform/unopened-box.ts'
import { SEALED_COLUMNS, SEALED_JOBS, type SealedColumn } from './sealed-places.ts'

/** Rows of one statement: a few milliseconds of locks. */
const BATCH = 200

export type Batch = { resealed: number; unreadable: number; last: string | null }

/**
 * Seals the next boxes of a column by the newest key. A row that was changed meanwhile keeps its change, which is sealed
 * by the newest key already or is met by the next pass. `last` is null behind the last row.
 */
export async function resealBatch(
  pool: pg.Pool,
  ring: SealRing,
  { table, id, column, place }: SealedColumn,
  after: string,
): Promise<Batch> {
  const { rows } = await pool.query<{ id: string; box: Buffer }>(
    `select ${id}::text as id, ${column} as box from ${table} where ${id}::text > $1 and length(${column}) > 0
     order by ${id}::text limit ${BATCH}`,
    [after],
  )
  const head = headOf(ring.current().id)
  const old = rows.filter(({ box }) => !box.subarray(0, NAMED_HEAD_BYTES).equals(head))
  const made = old.flatMap((row) => {
    const box = resealed(ring, row.box, place(row.id))
    return box ? [{ ...row, made: box }] : []
  })
  if (made.length > 0)
    await pool.query(
      `update ${table} t set ${column} = new.made from unnest($1::text[], $2::bytea[], $3::bytea[]) new (id, box, made)
       where t.${id}::text = new.id and t.${column} = new.box`,
      [made.map((row) => row.id), made.map((row) => row.box), made.map((row) => row.made)],
    )
  const last = rows.length < BATCH ? null : (rows.at(-1)?.id ?? null)
  return { resealed: made.length, unreadable: old.length - made.length, last }
}

/** The same for what waits in the queue; a job that runs has read its payload. */
export async function resealJobs(pool: pg.Pool, ring: SealRing): Promise<Omit<Batch, 'last'>> {
  let [count, unreadable] = [0, 0]
  for (const { id, name, payload } of await jobsWithOldBoxes(pool, ring)) {
    const place = SEALED_JOBS[name]?.(payload) ?? ''
    const box = resealed(ring, Buffer.from(String(payload.sealed), 'base64'), place)
    if (!box) unreadable += 1
    else {
      const next = JSON.stringify({ ...payload, sealed: box.toString('base64') })
      await pool.query(
        `update graphile_worker._private_jobs set payload = $2::json where id = $1 and payload ->> 'sealed' = $3`,
        [id, next, payload.sealed],
      )
      count += 1
    }
  }
  return { resealed: count, unreadable }
}

/** By the jobs' names, the bytes of a box's head, and the newest key's head. */
const OLD_JOBS = `from graphile_worker._private_jobs job
  join graphile_worker._private_tasks task on task.id = job.task_id
  where task.identifier = any($1) and substring(decode(job.payload ->> 'sealed', 'base64') from 1 for $2) <> $3`

type OldJob = { id: string; name: string; payload: Record<string, unknown> }

async function jobsWithOldBoxes(pool: pg.Pool, ring: SealRing): Promise<OldJob[]> {
  const { rows } = await pool.query<OldJob>(
    `select job.id::text, task.identifier as name, job.payload ${OLD_JOBS}`,
    [Object.keys(SEALED_JOBS), NAMED_HEAD_BYTES, headOf(ring.current().id)],
  )
  return rows
}

/** Null where no key here opens the box. Any other error is thrown on: the file of the keys, or the newest one, is amiss. */
function resealed(ring: SealRing, box: Buffer, place: string): Buffer | null {
  let plain: Buffer
  try {
    plain = unseal(ring, box, place)
  } catch (error) {
    if (error instanceof UnopenedBox) return null
    throw error
  }
  return seal(ring, plain, place)
}

/** How many boxes are not sealed by the newest key yet, by where they lie. */
export async function countOld(
  { pool, auditKeys }: Pick<App, 'pool' | 'auditKeys'>,
  newest: string,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const count = async (name: string, text: string, values: unknown[]) => {
    const { rows } = await pool.query<{ n: number }>(text, values)
    counts[name] = rows[0]?.n ?? 0
  }
  for (const { table, column } of SEALED_COLUMNS)
    await count(
      `${table}.${column}`,
      `select count(*)::int as n from ${table} where length(${column}) > 0 and substring(${column} from 1 for $1) <> $2`,
      [NAMED_HEAD_BYTES, headOf(newest)],
    )
  await count('queue', `select count(*)::int as n ${OLD_JOBS}`, [
    Object.keys(SEALED_JOBS),
    NAMED_HEAD_BYTES,
    headOf(newest),
  ])
  await count(
    'archive of the log',
    `select count(*)::int as n from audit_ranges where object_key is not null and object_key not like '%-' || $1`,
    [newest],
  )
  counts['key file of the log'] = await auditKeys.countSealedByOlder()
  return counts
}
