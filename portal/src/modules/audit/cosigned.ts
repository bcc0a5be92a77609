import type { Cosignature } from './cosignature.ts'
import type { NoteVerifier } from './note.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import type { StoredCheckpoint } from './tree-store.ts'

/** Witnesses of a log, and how many of them a head ought to carry. */
export type WitnessPolicy = { witnesses: readonly NoteVerifier[]; required: number }

/** A head that carries enough cosignatures is preferred to a newer one that does not, for this long. */
export const FRESH_MS = 60_000

/** Keeps a cosignature with its checkpoint; an older one than is kept changes nothing. */
export async function keepCosignature(
  runner: SqlRunner,
  size: number,
  cosignature: Cosignature,
): Promise<void> {
  const { name, keyId, line, time } = cosignature
  await runSql(
    runner,
    `insert into audit_cosignatures as kept (size, key_name, key_id, line, signed_at) values ($1, $2, $3, $4, $5)
      on conflict (size, key_name, key_id) do update set line = excluded.line, signed_at = excluded.signed_at
      where kept.signed_at < excluded.signed_at`,
    [size, name, keyId, line, time],
  )
}

/**
 * The newest head with enough fresh cosignatures, or else the newest head, with every cosignature that it has in its
 * note. Null before the first head. `covers`: the head has more entries than this index.
 */
export async function cosignedCheckpoint(
  runner: SqlRunner,
  policy: WitnessPolicy,
  now: Date,
  covers = -1,
): Promise<StoredCheckpoint | null> {
  const { witnesses, required } = policy
  const [row] = await runSql<{
    size: string
    root: Buffer
    note: string
    signed_at: string | Date
    lines: string | null
  }>(
    runner,
    `with witnessed as (
      select size from audit_cosignatures s join unnest($1::text[], $2::bigint[]) as w (key_name, key_id) using (key_name, key_id)
      where s.signed_at > $3 and s.size > $5 group by size having count(*) >= $4 order by size desc limit 1
    )
    select size, root, note, signed_at,
      (select string_agg(line, '' order by signed_at, key_name) from audit_cosignatures s where s.size = c.size) as lines
    from audit_checkpoints c
    where size = coalesce((select size from witnessed), (select max(size) from audit_checkpoints)) and size > $5`,
    [
      witnesses.map(({ name }) => name),
      witnesses.map(({ keyId }) => keyId),
      new Date(now.getTime() - FRESH_MS),
      Math.max(required, 1),
      covers,
    ],
    'audit-cosigned-head',
  )
  if (!row) return null
  const { size, root, note, signed_at, lines } = row
  return { size: Number(size), root, note: `${note}${lines ?? ''}`, signedAt: new Date(signed_at) }
}

/** When the log itself last said that a head of this size is its newest; null where it never did. */
export async function confirmedAt(runner: SqlRunner, origin: string, size: number): Promise<Date | null> {
  const [row] = await runSql<{ at: string | Date | null }>(
    runner,
    'select max(signed_at) as at from audit_cosignatures where size = $1 and key_name = $2',
    [size, origin],
  )
  return row?.at ? new Date(row.at) : null
}
