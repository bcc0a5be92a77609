import { type RenditionRow, renditionOf } from '#engine/assets/rendition-record.ts'
import type { AnsweringPool } from '#engine/delivery/answering-pool.ts'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'
import type { ListedRendition, ListedText } from '#engine/delivery/playlists.ts'
import type { ImagesResult, RenditionResult } from '#engine/media/ingest-context.ts'
import { findPlaybackRestriction } from '#engine/playback-restrictions/playback-restrictions.ts'
import type { RestrictionRules } from '#engine/playback-restrictions/rules.ts'

/** What delivery knows about a playback ID that is not deleted. */
export type Playable = {
  playbackId: string
  assetId: string
  isPublic: boolean
  /** At least one rendition can be played. */
  ready: boolean
  /** The whole ladder is there. */
  complete: boolean
  durationSeconds: number
  /** Seconds; what thumbnails show unasked. Null: the middle. */
  thumbnailTime: number | null
  images: ImagesResult | null
  renditions: (ListedRendition & { folder: string })[]
  /** Text tracks whose WebVTT is stored under `key`. */
  texts: (ListedText & { key: string })[]
}

export type Catalogue = {
  /** Null if unknown or deleted. At most half a second old. */
  find(playbackId: string): Promise<Playable | null>
  /** The same if it is at hand. */
  peek(playbackId: string): Playable | undefined
  /** Everything about one rendition, segments included. */
  rendition(assetId: string, name: string): Promise<RenditionResult | null>
  /** SPKI PEM of a signing key that is not deleted. */
  publicKey(keyId: string): Promise<string | null>
  /** The rules of a playback restriction that is not deleted. */
  restriction(restrictionId: string): Promise<RestrictionRules | null>
  /** The asset it played when last asked, however long ago. */
  assetOf(playbackId: string): string | undefined
  forget(playbackId: string): void
}

const FRESH_MS = 500
const MOST_PLAYABLES = 10_000

const PLAYABLE = `
  select p.asset_id, p.policy, a.status, a.playable_at, a.completed_at, a.duration_seconds, a.thumbnail_time,
    a.images,
    coalesce((select json_agg(json_build_object('name', r.name, 'kind', r.kind, 'width', r.width, 'height', r.height,
        'frameRate', r.frame_rate, 'codecs', r.codecs, 'bandwidth', r.bandwidth,
        'averageBandwidth', r.average_bandwidth, 'channels', r.channels,
        'language', coalesce(t.language_code, r.language), 'trackName', t.name, 'folder', r.folder,
        'growing', r.status = 'growing', 'iframeBandwidth', r.iframe_bandwidth,
        'iframeAverageBandwidth', r.iframe_average_bandwidth) order by r.created_at, r.name)
      from engine.renditions r left join engine.tracks t on t.id = r.track_id
      where r.asset_id = a.id), '[]') as renditions,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name, 'language', t.language_code,
        'closedCaptions', coalesce(t.closed_captions, false), 'forced', coalesce(jsonb_path_exists(a.media,
          '$.subtitles[*] ? (@.index == $i && @.forced == true)', jsonb_build_object('i', t.stream_index)), false),
        'key', t.object_key) order by t.created_at, t.id)
      from engine.tracks t where t.asset_id = a.id and t.type = 'text' and t.status = 'ready'
        and t.object_key is not null), '[]') as texts
  from engine.playback_ids p join engine.assets a on a.id = p.asset_id
  where p.id = $1 and p.deleted_at is null and a.deleted_at is null`

export function createCatalogue(pool: AnsweringPool): Catalogue {
  const playables = createFreshCache<Playable>(FRESH_MS, MOST_PLAYABLES)
  const keys = createFreshCache<string>(FRESH_MS, 1000)
  const restrictions = createFreshCache<RestrictionRules>(FRESH_MS, 1000)
  const assets = new Map<string, string>()
  const load = async (playbackId: string) => {
    const playable = await loadPlayable(pool, playbackId)
    if (assets.size >= MOST_PLAYABLES) assets.clear()
    if (playable) assets.set(playbackId, playable.assetId)
    return playable
  }
  return {
    find: (playbackId) => playables.get(playbackId, () => load(playbackId)),
    peek: (playbackId) => playables.peek(playbackId),
    rendition: (assetId, name) => loadRendition(pool, assetId, name),
    restriction: (id) => restrictions.get(id, () => findPlaybackRestriction(pool, id)),
    publicKey: (keyId) => keys.get(keyId, () => loadKey(pool, keyId)),
    assetOf: (playbackId) => assets.get(playbackId),
    forget(playbackId) {
      playables.forget((name) => playbackId === '*' || name === playbackId)
      keys.forget(() => playbackId === '*')
      restrictions.forget(() => playbackId === '*')
    },
  }
}

async function loadPlayable(pool: AnsweringPool, playbackId: string): Promise<Playable | null> {
  const { rows } = await pool.query({ name: 'delivery-playable', text: PLAYABLE, values: [playbackId] })
  const row = rows[0]
  if (!row) return null
  return {
    playbackId,
    assetId: row.asset_id,
    isPublic: row.policy === 'public',
    ready: row.playable_at !== null && row.status !== 'errored' && row.renditions.length > 0,
    complete: row.completed_at !== null,
    durationSeconds: row.duration_seconds ?? 0,
    thumbnailTime: row.thumbnail_time,
    images: row.images,
    renditions: row.renditions,
    texts: row.texts,
  }
}

async function loadRendition(
  pool: AnsweringPool,
  assetId: string,
  name: string,
): Promise<RenditionResult | null> {
  const { rows } = await pool.query<RenditionRow>(
    'select * from engine.renditions where asset_id = $1 and name = $2',
    [assetId, name],
  )
  return rows[0] ? renditionOf(rows[0]) : null
}

async function loadKey(pool: AnsweringPool, keyId: string): Promise<string | null> {
  const text = 'select public_key from engine.signing_keys where id = $1 and deleted_at is null'
  const { rows } = await pool.query<{ public_key: string }>({ name: 'delivery-key', text, values: [keyId] })
  return rows[0]?.public_key ?? null
}
