import type pg from 'pg'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import { loadPlayed, nameOf, type Played, partOf, type Tier } from './played-files.ts'

const LINE = /^(\S+) (-?\d+) (\d+) (\d{6})$/

export type ImportResult = {
  /** Bytes of the journal that are imported by now. */
  imported: number
  /** Lines about files that nothing is known of any more. */
  unknown: number
}

/**
 * Imports the next piece of one journal: its lines and how far it got are written in one transaction, so whoever
 * imports it, however often and after whatever crash, each line counts once. `id` is the journal's uuid.
 */
export async function importUsage(
  pool: pg.Pool,
  id: string,
  read: (offset: number) => Buffer,
  known: Map<string, Played>,
  now: Date,
): Promise<ImportResult> {
  return inTransaction(pool, async (tx) => {
    await tx.query(
      'insert into engine.usage_batches (id, created_at, updated_at) values ($1, $2, $2) on conflict do nothing',
      [id, now],
    )
    const { rows } = await tx.query<{ imported_bytes: number }>(
      'select imported_bytes from engine.usage_batches where id = $1 for update',
      [id],
    )
    const from = rows[0]!.imported_bytes
    const piece = read(from)
    const whole = piece.lastIndexOf(10) + 1
    if (whole === 0) return { imported: from, unknown: 0 }
    const lines = piece.subarray(0, whole).toString('latin1').split('\n')
    const { seconds, unknown } = await sum(tx, lines, known)
    await add(tx, seconds)
    await tx.query('update engine.usage_batches set imported_bytes = $2, updated_at = $3 where id = $1', [
      id,
      from + whole,
      now,
    ])
    return { imported: from + whole, unknown }
  })
}

type Bucket = { assetId: string; hour: number; tier: Tier; seconds: number }

async function sum(db: Queryable, lines: string[], known: Map<string, Played>) {
  const counts = lines.flatMap((line) => {
    const [, key, bytes, size, hour] = LINE.exec(line) ?? []
    return key ? [{ key, bytes: Number(bytes), size: Number(size), hour: Number(hour) }] : []
  })
  const missing = counts.filter(({ key }) => known.get(nameOf(key))?.seconds[partOf(key)] === undefined)
  const loaded = await loadPlayed(db, [...new Set(missing.map(({ key }) => nameOf(key)))])
  for (const [name, played] of loaded) known.set(name, played)
  const buckets = new Map<string, Bucket>()
  let unknown = 0
  for (const { key, bytes, size, hour } of counts) {
    const played = known.get(nameOf(key))
    const seconds = played?.seconds[partOf(key)]
    if (!played || seconds === undefined) unknown += 1
    else if (played.tier !== null && size > 0) {
      const { assetId, tier } = played
      const name = `${assetId} ${hour} ${tier}`
      const bucket = buckets.get(name) ?? { assetId, hour, tier, seconds: 0 }
      bucket.seconds += (seconds * bytes) / size
      buckets.set(name, bucket)
    }
  }
  return { seconds: [...buckets.values()], unknown }
}

/** In one order everywhere, so that two imports at once never wait for each other in a ring. */
async function add(tx: Queryable, buckets: Bucket[]): Promise<void> {
  if (buckets.length === 0) return
  await tx.query(
    `insert into engine.delivery_usage as u (asset_id, hour, tier, seconds)
     select asset_id, to_timestamp(hour * 3600), tier, seconds
     from unnest($1::text[], $2::int8[], $3::text[], $4::float8[]) as t (asset_id, hour, tier, seconds)
     order by 1, 2, 3
     on conflict (asset_id, hour, tier) do update set seconds = u.seconds + excluded.seconds`,
    [
      buckets.map(({ assetId }) => assetId),
      buckets.map(({ hour }) => hour),
      buckets.map(({ tier }) => tier),
      buckets.map(({ seconds }) => seconds),
    ],
  )
  // A day whose file is made already is made anew.
  await tx.query(
    `update engine.usage_exports set stale = true where not stale and day = any(
       select distinct (to_timestamp(hour * 3600) at time zone 'UTC')::date from unnest($1::int8[]) as hour)`,
    [buckets.map(({ hour }) => hour)],
  )
}
