import type pg from 'pg'

export type PlayedVideo = {
  id: string
  /** Storage keys of a rendition's segments. */
  key(rendition: string, segment: number): string
}

type Rendition = { name: string; kind: 'video' | 'audio'; width?: number; height?: number; seconds: number[] }

/** A ready asset with renditions that exist in the database alone. */
export async function insertPlayedVideo(
  pool: pg.Pool,
  id: string,
  renditions: Rendition[],
  more: { tier?: string; at?: Date } = {},
): Promise<PlayedVideo> {
  const at = more.at ?? new Date('2026-10-01T00:00:00Z')
  const seconds = renditions[0]?.seconds.reduce((sum, each) => sum + each, 0) ?? 0
  await pool.query(
    `insert into engine.assets (id, status, ingest_type, settings, duration_seconds, resolution_tier, deadline_at, created_at,
       playable_at, completed_at, passthrough)
     values ($1, 'ready', 'on_demand_direct_upload', '{"video_quality": "plus"}', $2, $3, $4, $4, $4, $4, 'mine')`,
    [id, seconds, more.tier ?? '1080p', at],
  )
  for (const each of renditions) {
    await pool.query(
      `insert into engine.renditions (asset_id, name, kind, width, height, codecs, bandwidth, average_bandwidth, init_bytes,
         segments, folder, created_at) values ($1, $2, $3, $4, $5, 'x', 1, 1, 1, $6, $7, $8)`,
      [
        id,
        each.name,
        each.kind,
        each.width ?? null,
        each.height ?? null,
        JSON.stringify(each.seconds.map((duration) => [duration, 1000])),
        folderOf(id, each.name),
        at,
      ],
    )
  }
  return { id, key: (rendition, segment) => `${folderOf(id, rendition)}${segment}.m4s` }
}

const folderOf = (id: string, name: string) => `assets/${id}/${name}.attempt/`
