import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { verifyStorage } from '../../engine/src/assets/verify-storage.ts'
import { openStores } from '../../engine/src/open-stores.ts'
import { until } from '../support/until.ts'
import type { Counts } from './count.ts'
import type { Cluster } from './engine-cluster.ts'
import type { RoundResult } from './engine-round.ts'

const QUIET_MS = 150_000

const UNFINISHED = {
  'jobs that are due': `select count(*) from engine_worker.jobs where run_at <= now() + interval '1 minute'
    and task_identifier <> 'sweep'`,
  'assets that came to no end': `select count(*) from engine.assets where deleted_at is null and completed_at is null`,
  'webhooks that were not delivered':
    'select count(*) from engine.webhook_deliveries where delivered_at is null',
  'deleted assets with bytes': `select count(*) from engine.assets where deleted_at is not null and bytes_removed_at is null`,
}

/** Waits until nothing is under way any more; gives what did not end in time. */
export async function untilEngineQuiet({ pool }: Cluster): Promise<string[]> {
  let left: string[] = []
  const quiet = async () => {
    left = []
    for (const [what, sql] of Object.entries(UNFINISHED)) {
      const { rows } = await pool.query<{ count: number }>(sql)
      if (Number(rows[0]?.count) > 0) left.push(`${rows[0]?.count} ${what}`)
    }
    return left.length === 0
  }
  await until('everything has come to its end', quiet, QUIET_MS, 500).catch(() => undefined)
  return left
}

/** Compares what was acknowledged and seen with what is there when all processes have ended. */
export async function countEngineFaults(
  cluster: Cluster,
  results: RoundResult[],
  stuck: string[],
): Promise<Counts> {
  const events = await eventsOf(cluster.pool)
  const lost = [
    ...results.flatMap(({ faults }) => faults),
    ...(await lostUploads(cluster.pool, results)),
    ...lostEvents(events, results, cluster),
  ]
  const { report, left } = await strayBytes(cluster)
  lost.push(...report.missing.map(({ key }) => `${key} is not in storage, or not whole`))
  const doubled = [...(await doubledAssets(cluster.pool)), ...doubledEvents(events, cluster)]
  const allStuck = [...stuck, ...results.flatMap((result) => result.stuck)]
  const orphans = [...report.orphans.map(({ key }) => key), ...left]
  return {
    lost: lost.length,
    doubled: doubled.length,
    stuck: allStuck.length,
    orphans: orphans.length,
    checked: {
      uploads: results.length,
      events: events.length,
      deliveries: [...cluster.sink.seen.values()].reduce((sum, { times }) => sum + times, 0),
      segments: results.reduce((sum, { segments }) => sum + segments, 0),
      objects: report.objects,
    },
    findings: [
      ...lost.map((line) => `lost: ${line}`),
      ...doubled.map((line) => `doubled: ${line}`),
      ...allStuck.map((line) => `stuck: ${line}`),
      ...orphans.map((line) => `orphan: ${line}`),
    ].map((line) => `${cluster.kind}: ${line}`),
  }
}

type Event = { id: string; type: string; object_id: string }

async function eventsOf(pool: pg.Pool): Promise<Event[]> {
  return (await pool.query<Event>('select id::text, type, object_id from engine.webhook_events')).rows
}

async function lostUploads(pool: pg.Pool, results: RoundResult[]): Promise<string[]> {
  const { rows } = await pool.query<{
    id: string
    sha256: string | null
    status: string
    reason: string | null
  }>(
    `select u.id, encode(u.sha256, 'hex') as sha256, a.status, a.errors -> 'messages' ->> 0 as reason
     from engine.uploads u join engine.assets a on a.id = u.asset_id`,
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return results.flatMap(({ kept }) => {
    if (!kept) return []
    const row = found.get(kept.uploadId)
    if (!row) return [`upload ${kept.uploadId} has no asset`]
    const faults: string[] = []
    // One that is deleted before its sum was computed has nothing left to compare.
    if (row.sha256 === null && !kept.deleted) faults.push(`upload ${kept.uploadId} has no SHA-256`)
    if (row.sha256 !== null && row.sha256 !== kept.sha256)
      faults.push(`upload ${kept.uploadId} is not the file that was sent`)
    if (row.status !== kept.expected) faults.push(`asset ${kept.assetId} is ${row.status}: ${row.reason}`)
    if (row.status === 'errored' && !row.reason)
      faults.push(`asset ${kept.assetId} is errored without a reason`)
    return faults
  })
}

/** Events that a change must have left and did not, and events that never arrived. */
function lostEvents(events: Event[], results: RoundResult[], { sink }: Cluster): string[] {
  const written = new Set(events.map(({ type, object_id }) => `${type} ${object_id}`))
  const wanted = results.flatMap(({ kept }) => {
    if (!kept) return []
    const { uploadId, assetId, expected, deleted } = kept
    return [
      `video.upload.created ${uploadId}`,
      `video.upload.asset_created ${uploadId}`,
      `video.asset.created ${assetId}`,
      `video.asset.${expected} ${assetId}`,
      ...(deleted ? [`video.asset.deleted ${assetId}`] : []),
    ]
  })
  return [
    ...wanted.filter((event) => !written.has(event)).map((event) => `${event} was never written`),
    ...events
      .filter(({ id }) => !sink.seen.has(id))
      .map(({ type, object_id }) => `${type} ${object_id} never arrived`),
  ]
}

const ONCE = new Set([
  'upload.created',
  'upload.asset_created',
  'asset.created',
  'asset.ready',
  'asset.errored',
  'asset.deleted',
])

/** Changes that were told twice, told of one object in two ways, or told and never made. */
function doubledEvents(events: Event[], { sink }: Cluster): string[] {
  const seen = new Set<string>()
  const doubled: string[] = []
  for (const { type, object_id } of events) {
    const name = `${type} ${object_id}`
    if (ONCE.has(type.replace('video.', '')) && seen.has(name)) doubled.push(name)
    seen.add(name)
    if (type === 'video.asset.errored' && seen.has(`video.asset.ready ${object_id}`))
      doubled.push(`${name} beside ready`)
  }
  const written = new Set(events.map(({ id }) => id))
  for (const { id, type, objectId, bodies } of sink.seen.values()) {
    if (!written.has(id)) doubled.push(`${type} ${objectId} arrived, but no such change was made`)
    if (bodies.size > 1) doubled.push(`${type} ${objectId} arrived with ${bodies.size} different bodies`)
  }
  return doubled
}

async function doubledAssets(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ upload_id: string }>(
    'select upload_id from engine.assets group by upload_id having count(*) > 1',
  )
  return rows.map(({ upload_id }) => `upload ${upload_id} has two assets`)
}

/** Stored bytes that no row knows of, and what is left in the folders for work. */
async function strayBytes({ pool, storage: config }: Cluster) {
  const { storage, sources } = await openStores(config)
  const report = await verifyStorage({ pool, storage, sources }, { graceMs: 0 })
  await storage.close()
  const left: string[] = []
  for (const folder of ['work', 'objects/.incoming']) {
    const names = await readdir(join(config.folder, folder)).catch(() => [])
    left.push(...names.map((name) => `${folder}/${name}`))
  }
  return { report, left }
}
