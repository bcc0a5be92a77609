import { type FullAsset, findAsset } from '#engine/assets/asset-record.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { finishedRenditions } from '#engine/assets/ingest-reports.ts'
import {
  GivenFault,
  runSideWork,
  type SideError,
  type SideParts,
  type SideWork,
} from '#engine/assets/side-work.ts'
import { chooseTracks } from '#engine/assets/static-renditions/choose-tracks.ts'
import { shownSize } from '#engine/assets/static-renditions/static-rendition-rows.ts'
import { assembleMp4 } from '#engine/media/assemble-mp4.ts'
import { rewrapMp4 } from '#engine/media/rewrap-mp4.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { MASTER_WORK, masterPrefix, queueMaster } from './change-master-access.ts'
import { masterUrl } from './master-url.ts'

type Place = Parameters<SideWork['run']>[0]

const HOUR_MS = 3600_000
const OPEN_MS = 24 * HOUR_MS

/**
 * Job: the best file of an asset there is. The source itself as MP4, its pictures untouched, where MP4 can hold them;
 * else the tallest rung of the complete ladder.
 */
export async function makeMaster(parts: SideParts, assetId: string): Promise<void> {
  const { ctx } = parts
  const asset = await findAsset(ctx.pool, assetId)
  if (asset?.status !== 'ready' || asset.master_status !== 'preparing') return
  await runSideWork(parts, {
    assetId,
    name: MASTER_WORK,
    deadlineMs: HOUR_MS + (asset.duration_seconds ?? 0) * 10_000,
    run: (place) => make(parts, asset, place),
    queue: (db, runAt) => queueMaster(db, assetId, runAt),
    countFailure: async () => {
      const { rows } = await ctx.pool.query<{ master_failures: number }>(
        'update engine.assets set master_failures = master_failures + 1 where id = $1 returning master_failures',
        [assetId],
      )
      return rows[0]?.master_failures ?? 0
    },
    fail: (error) => failMaster(parts, assetId, error),
  })
}

async function make(parts: SideParts, asset: FullAsset, place: Place): Promise<void> {
  const { storage } = parts
  await storage.deletePrefix(masterPrefix(asset.id))
  const path = (await fromSource(parts, asset, place)) ?? (await fromLadder(parts, asset, place))
  // The ladder's end queues it again.
  if (!path) return
  const key = `${masterPrefix(asset.id)}${place.attempt}/master.mp4`
  await storage.put(key, { path })
  if (!(await publish(parts, asset.id, key))) await storage.deletePrefix(masterPrefix(asset.id))
}

async function fromSource(parts: SideParts, asset: FullAsset, place: Place): Promise<string | null> {
  if (!asset.source_key || !asset.media) return null
  const { workFolder, signal } = place
  const source = await parts.sources.open(asset.source_key, workFolder, signal, asset.source_sha256)
  try {
    const deadlineMs = HOUR_MS + asset.media.durationSeconds * 5_000
    const { ffmpegPath } = parts.ctx.settings
    return await rewrapMp4(
      { ffmpegPath, sourcePath: source.path, workFolder, signal, deadlineMs },
      asset.media,
    )
  } finally {
    await source.release()
  }
}

async function fromLadder(parts: SideParts, asset: FullAsset, place: Place): Promise<string | null> {
  if (!asset.completed_at) return null
  const { ctx, storage } = parts
  const all = await finishedRenditions(ctx.pool, asset.id)
  const choice = chooseTracks(asset.max_width ? 'highest' : 'audio-only', all, shownSize(asset), Infinity)
  if (choice.kind !== 'tracks') throw new GivenFault('The asset has neither picture nor sound.')
  const tracks = choice.names.map((name) => all.find((each) => each.name === name)!)
  const deadlineMs = HOUR_MS + (asset.duration_seconds ?? 0) * 5_000
  const { path } = await assembleMp4(
    { ...place, ffmpegPath: ctx.settings.ffmpegPath, storage, deadlineMs },
    tracks,
  )
  return path
}

/** False if the access was taken away, or the asset deleted, meanwhile. */
async function publish({ ctx }: SideParts, assetId: string, key: string): Promise<boolean> {
  const ends = new Date(ctx.clock().getTime() + OPEN_MS)
  const expires = Math.floor(ends.getTime() / 1000)
  const url = masterUrl(ctx.settings.publicUrl, ctx.settings.sessionSecret, { assetId, key, expires })
  return inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.assets set master_status = 'ready', master_key = $2, master_url = $3, master_expires_at = $4
       where id = $1 and master_status = 'preparing' and deleted_at is null`,
      [assetId, key, url, new Date(expires * 1000)],
    )
    if (rowCount === 1) await emitAsset(tx, ctx, 'video.asset.master.ready', assetId)
    return rowCount === 1
  })
}

async function failMaster({ ctx }: SideParts, assetId: string, error: SideError): Promise<void> {
  ctx.log.warn({ assetId, reason: error.message }, 'the master could not be made')
  await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.assets set master_status = 'errored' where id = $1 and master_status = 'preparing'
         and deleted_at is null`,
      [assetId],
    )
    if (rowCount === 1) await emitAsset(tx, ctx, 'video.asset.master.errored', assetId)
  })
}
