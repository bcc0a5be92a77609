import type pg from 'pg'

/** What the database knows of an asset's stored files. */
export type KnownAsset = {
  id: string
  /** Keys that must be there, with their bytes where they are known. */
  files: Map<string, number | null>
  /** Prefixes below which anything may be: what is being made, and caches. */
  folders: string[]
}

type Row = {
  id: string
  finished: boolean
  images: { storyboard?: { key: string } } | null
  master: string | null
  making_master: boolean
  renditions: { folder: string; init: number; segments: [number, number][]; ready: boolean }[]
  objects: { key: string; bytes: number | null }[]
  making: string[]
}

/** `making`: folders of tracks and static renditions that are still being prepared. */
const ROWS = `
  select a.id, a.images, a.master_key as master, coalesce(a.master_status = 'preparing', false) as making_master,
    a.completed_at is not null as finished,
    (select coalesce(json_agg(json_build_object('folder', r.folder, 'init', r.init_bytes, 'segments', r.segments,
      'ready', r.status = 'ready')), '[]') from engine.renditions r where r.asset_id = a.id) as renditions,
    (select coalesce(json_agg(o), '[]') from (
      select object_key as key, null::bigint as bytes from engine.tracks
        where asset_id = a.id and object_key is not null
      union all select object_key, bytes from engine.static_renditions
        where asset_id = a.id and object_key is not null and status = 'ready') o) as objects,
    (select coalesce(json_agg(name), '[]') from (
      select 'text-' || id as name from engine.tracks where asset_id = a.id and status = 'preparing'
      union all select 'audio-' || id from engine.tracks where asset_id = a.id and status = 'preparing'
      union all select 'static-' || id from engine.static_renditions
        where asset_id = a.id and status = 'preparing') m) as making
  from engine.assets a where a.bytes_removed_at is null and a.deleted_at is null`

/** By asset ID; an asset that is deleted or unknown is not among them. */
export async function filesOfAssets(pool: pg.Pool, ids: string[]): Promise<Map<string, KnownAsset>> {
  const { rows } = await pool.query<Row>(`${ROWS} and a.id = any($1)`, [ids])
  return new Map(rows.map((row) => [row.id, knownAsset(row)]))
}

const PAGE = 100

/** Assets with files of which none was found. */
export async function* unseenAssets(pool: pg.Pool, seen: Set<string>): AsyncIterable<KnownAsset> {
  for (let last = ''; ; ) {
    const { rows } = await pool.query<Row>(`${ROWS} and a.id > $1 order by a.id limit ${PAGE}`, [last])
    for (const row of rows) if (!seen.has(row.id)) yield knownAsset(row)
    if (rows.length < PAGE) return
    last = rows.at(-1)!.id
  }
}

function knownAsset(row: Row): KnownAsset {
  const prefix = `assets/${row.id}/`
  const files = new Map<string, number | null>()
  for (const { folder, init, segments, ready } of row.renditions) {
    // A growing rendition's last files may be newer than this look at the database.
    if (!ready) continue
    files.set(`${folder}init.mp4`, init)
    for (const [n, [, bytes]] of segments.entries()) files.set(`${folder}${n}.m4s`, bytes)
  }
  for (const { key, bytes } of row.objects) files.set(key, bytes)
  if (row.images?.storyboard) files.set(row.images.storyboard.key, null)
  if (row.master) files.set(row.master, null)
  // Until the ladder stands, each attempt has folders of its own; the next one clears them away.
  const folders = row.finished
    ? [
        `${prefix}images/`,
        ...row.renditions.filter(({ ready }) => !ready).map(({ folder }) => folder),
        ...row.making.map((name) => prefix + name),
        ...(row.making_master ? [`${prefix}master/`] : []),
      ]
    : [prefix]
  return { id: row.id, files, folders }
}

/** Those of the given source keys that an upload or an asset still needs. */
export async function knownSources(pool: pg.Pool, keys: string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ key: string }>(
    `select source_key as key from engine.assets where source_key = any($1) and bytes_removed_at is null
     union select 'spool/' || u.id from engine.uploads u
     where 'spool/' || u.id = any($1) and u.bytes_removed_at is null and u.asset_id is null`,
    [keys],
  )
  return new Set(rows.map(({ key }) => key))
}
