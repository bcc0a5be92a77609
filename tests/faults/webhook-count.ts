import type { Counts } from './count.ts'
import type { LedgerUpload, Storm } from './provider-storm.ts'
import type { WebhookWorld } from './webhook-world.ts'

/** What still waits or hangs, in words; $1: uploads that are excused, because their object is poisoned. */
const UNFINISHED: { what: string; sql: string }[] = [
  {
    what: 'webhooks that were not applied',
    sql: `select count(*) from webhook_events where state = 'pending' and $1::text[] is not null`,
  },
  {
    what: 'uploads that wait for news',
    sql: `select count(*) from uploads where status in ('created', 'uploading', 'processing') and id <> all ($1)`,
  },
  {
    what: 'videos that wait for news',
    sql: `select count(*) from videos v join uploads u on u.video_id = v.id
      where (v.status in ('waiting', 'processing') or (v.status = 'ready' and not v.complete)) and u.id <> all ($1)`,
  },
  {
    what: 'deletions that were not confirmed',
    sql: `select count(*) from videos where status = 'deleted' and asset_deleted_at is null and $1::text[] is not null`,
  },
  {
    what: 'comparisons that run',
    sql: `select count(*) from reconciliations where status in ('running', 'held') and $1::text[] is not null`,
  },
  {
    what: 'differences that were not put right',
    sql: `select count(*) from reconciliation_findings
      where state in ('open', 'held', 'failed') and coalesce(upload_id, '') <> all ($1)`,
  },
  {
    // What a schedule or the run put in comes again by it. Without a key is what was replaced while it ran: its successor
    // is counted.
    what: 'jobs that were given up',
    sql: `select count(*) from graphile_worker._private_jobs
      where attempts >= max_attempts and locked_at is null and key !~ '^(cron|now):' and $1::text[] is not null`,
  },
]

export async function unfinished({ pool, mux }: WebhookWorld, storm: Storm): Promise<string[]> {
  const excused = storm.uploads.filter(({ assetId }) => assetId && mux.poisoned.has(assetId))
  const ids = excused.map(({ id }) => id)
  const left: string[] = []
  for (const { what, sql } of UNFINISHED) {
    const { rows } = await pool.query<{ count: string }>(sql, [ids])
    if (Number(rows[0]?.count) > 0) left.push(`${rows[0]?.count} ${what}`)
  }
  return left
}

/** Dead letters: of what was poisoned, as planned, and of anything else. */
export async function deadLettersOf({ pool }: WebhookWorld, storm: Storm) {
  const { rows } = await pool.query<{ id: string; subject: string }>(
    `select id, subject from webhook_events where state = 'dead'`,
  )
  const poisoned = new Set(storm.uploads.filter(({ fate }) => fate === 'poisoned').map(({ id }) => id))
  const planned = storm.events.filter(({ upload, taken }) => taken && poisoned.has(upload)).length
  const unplanned = rows.filter(({ subject }) => !poisoned.has(subject)).length
  return { planned, found: rows.length, unplanned }
}

/** Compares what the provider has and did with what is here. */
export async function countWebhookFaults(
  world: WebhookWorld,
  storm: Storm,
  stuck: string[],
): Promise<Counts> {
  const lost = [...(await lostEvents(world, storm)), ...(await lostStates(world, storm))]
  const { doubled, changes } = await doubledChanges(world, storm)
  const orphans = await orphansOf(world, storm)
  const { rows } = await world.pool.query(`select count(*) from webhook_events where synthetic`)
  return {
    lost: lost.length,
    doubled: doubled.length,
    stuck: stuck.length,
    orphans: orphans.length,
    checked: {
      uploads: storm.uploads.length,
      events: storm.events.length,
      'events put in': Number(rows[0]?.count),
      changes,
    },
    findings: [
      ...lost.slice(0, 20).map((line) => `lost: ${line}`),
      ...doubled.slice(0, 20).map((line) => `doubled: ${line}`),
      ...stuck.map((line) => `stuck: ${line}`),
      ...orphans.slice(0, 20).map((line) => `orphan: ${line}`),
    ],
  }
}

/** Events that were acknowledged and are not here, and those of living assets that came by no way at all. */
async function lostEvents({ pool, mux }: WebhookWorld, storm: Storm): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; about: string }>(
    `select id, type || ' ' || object_id as about from webhook_events`,
  )
  const ids = new Set(rows.map(({ id }) => id))
  const known = new Set(rows.map(({ about }) => about))
  return storm.events
    .filter(({ id, type, objectId, taken }) => {
      if (taken) return !ids.has(id)
      return mux.assets.has(objectId) && !known.has(`${type} ${objectId}`)
    })
    .map(({ id, type, objectId }) => `event ${type} ${id} of ${objectId}`)
}

type Ends = { upload: string[]; video: string[] }

const ENDS: Record<LedgerUpload['fate'], Ends> = {
  ready: { upload: ['ready'], video: ['ready'] },
  poisoned: { upload: ['ready'], video: ['ready'] },
  errored: { upload: ['failed'], video: ['failed'] },
  cancelled: { upload: ['cancelled'], video: ['deleted'] },
  timed_out: { upload: ['timed_out'], video: ['failed'] },
  // Deleted there before or after it was known here to be ready.
  deleted: { upload: ['ready', 'cancelled', 'failed'], video: ['deleted'] },
}
/** Nobody told of the deletion, and no look came in time: what is not there after a day is lost, and told as that. */
const GONE_UNSEEN: Ends = { upload: ['failed'], video: ['failed'] }

function hasEnded(
  storm: Storm,
  { id, fate }: LedgerUpload,
  found: { upload: string; video: string },
): boolean {
  const isOne = ({ upload, video }: Ends) => upload.includes(found.upload) && video.includes(found.video)
  if (isOne(ENDS[fate])) return true
  return fate === 'deleted' && isOne(GONE_UNSEEN) && storm.untold.has(id)
}

async function lostStates({ pool }: WebhookWorld, storm: Storm): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; upload: string; video: string }>(
    'select u.id, u.status as upload, v.status as video from uploads u join videos v on v.id = u.video_id',
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return storm.uploads.flatMap((upload) => {
    const row = found.get(upload.id)
    if (row && hasEnded(storm, upload, row)) return []
    return [`upload ${upload.id} is ${row?.upload}/${row?.video}, and ${upload.fate} at the provider`]
  })
}

type Entry = { action: string; target: { id: string }; details?: { upload?: string[]; video?: string[] } }

/** From the audit log: each change of state of each upload and video, which may stand there once. */
async function doubledChanges({ pool }: WebhookWorld, storm: Storm) {
  const { rows } = await pool.query<{ entry: string }>(
    `select entry from audit_events where entry like '%"upload.settle"%'`,
  )
  const seen = new Map<string, number>()
  let changes = 0
  for (const { entry } of rows) {
    const { action, target, details } = JSON.parse(entry) as Entry
    if (action !== 'upload.settle') continue
    for (const what of ['upload', 'video'] as const) {
      const [before, after] = details?.[what] ?? []
      if (before === after) continue
      changes += 1
      const name = `${what} of ${target.id} became ${after}`
      seen.set(name, (seen.get(name) ?? 0) + 1)
    }
  }
  const doubled = [...seen].filter(([, times]) => times > 1).map(([name, times]) => `${name} ${times} times`)
  const ended = (videoId: string, states: string[]) =>
    states.some((state) => seen.has(`video of ${videoId} became ${state}`))
  const unlogged = storm.uploads.filter(
    ({ id, videoId, fate }) =>
      !ended(videoId, ENDS[fate].video) && !(storm.untold.has(id) && ended(videoId, GONE_UNSEEN.video)),
  )
  return { doubled: [...doubled, ...unlogged.map(({ id }) => `no entry tells how ${id} ended`)], changes }
}

/** Of ours at the provider without a row, of videos here without an asset, and of others that were touched. */
async function orphansOf({ pool, mux, mark }: WebhookWorld, storm: Storm): Promise<string[]> {
  const { rows } = await pool.query<{ asset: string; status: string }>(
    `select asset_id as asset, status from videos where asset_id is not null and status <> 'deleted'`,
  )
  const here = new Set(rows.map(({ asset }) => asset))
  const isOurs = (asset: Record<string, unknown>) =>
    (asset.meta as { creator_id?: string } | undefined)?.creator_id === mark
  const there = [...mux.assets.values()].filter(isOurs)
  const foreign = [...mux.assets.values()].filter((asset) => !isOurs(asset)).length
  return [
    ...there.filter(({ id }) => !here.has(id)).map(({ id }) => `asset ${id} at the provider`),
    ...rows.filter(({ asset }) => !mux.assets.has(asset)).map(({ asset }) => `asset ${asset} here`),
    ...(foreign === 5 || storm.uploads.length === 0 ? [] : [`${5 - foreign} assets of others are gone`]),
  ]
}
