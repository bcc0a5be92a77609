import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { clippedAssetOf } from '#engine/assets/asset-inputs.ts'
import { type FullAsset, findAsset } from '#engine/assets/asset-record.ts'
import { countFailure, failIngest, INTERNAL } from '#engine/assets/ingest-failure.ts'
import type { IngestParts } from '#engine/assets/ingest-job.ts'
import { removeWorkFolders } from '#engine/assets/work-folders.ts'
import { cutClip } from '#engine/media/cut-clip.ts'
import { isMediaError, MediaError } from '#engine/media/media-error.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { createOutboundGuard } from '#engine/platform/outbound-guard.ts'
import { storageTrouble } from '#engine/storage/port.ts'
import { SourceMissing } from '#engine/storage/sources.ts'
import { download } from './download.ts'
import { DownloadError } from './request.ts'

const POSTPONE_MS = 500
/** A full disk or an unreachable store needs somebody, or time. */
const STORAGE_WAIT_MS = 10_000
const PROGRESS_EVERY_MS = 1000

/**
 * Brings the bytes of an asset that was made of a URL or of another asset into the sources, then queues its ingest.
 * Safe to run again at any point. Throws only what the queue should try again.
 */
export async function fetchSource(parts: IngestParts, assetId: string): Promise<void> {
  const { ctx, running } = parts
  const turn = await running.begin(assetId)
  if (!turn) return postpone(ctx, assetId, POSTPONE_MS)
  const workFolder = join(ctx.settings.folder, 'work', `${assetId}.${newId(12)}`)
  try {
    const asset = await claim(ctx, assetId)
    if (!asset) return
    await removeWorkFolders(ctx.settings.folder, assetId)
    await mkdir(workFolder, { recursive: true, mode: 0o700 })
    const path = join(workFolder, 'source')
    const fetched = asset.source_asset_id
      ? await clip(parts, asset, path, workFolder, turn.signal)
      : await fetchUrl(ctx, asset, path, turn.signal)
    await parts.sources.import(asset.source_key!, path)
    await hand(ctx, assetId, fetched)
  } catch (error) {
    const reason = turn.reason()
    if (reason === 'stopping' || reason === 'lost') await postpone(ctx, assetId, POSTPONE_MS)
    else if (reason !== 'deleted') await settle(ctx, assetId, error)
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 5 })
    await turn.end()
  }
}

async function postpone(ctx: EngineContext, assetId: string, ms: number): Promise<void> {
  const runAt = new Date(Date.now() + ms)
  await addJob(ctx.pool, 'fetch_source', { assetId }, { runAt, key: `fetch_source:${assetId}` })
}

/** Names the place first, so that a removal finds whatever was put there. Null if there is nothing to fetch. */
async function claim(ctx: EngineContext, assetId: string): Promise<FullAsset | null> {
  const { rowCount } = await ctx.pool.query(
    `update engine.assets set source_key = coalesce(source_key, $2)
     where id = $1 and deleted_at is null and completed_at is null and source_bytes is null`,
    [assetId, `spool/${newId()}`],
  )
  return rowCount === 1 ? findAsset(ctx.pool, assetId) : null
}

type Fetched = { bytes: number | null; sha256: Buffer | null }

async function fetchUrl(
  ctx: EngineContext,
  asset: FullAsset,
  path: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = asset.settings.inputs?.[0]?.url
  if (!url) throw new DownloadError('The asset has no URL.')
  let shown = 0
  return download({
    url,
    path,
    maxBytes: ctx.settings.maxUploadBytes,
    guard: createOutboundGuard(ctx.settings.allowedInputHosts),
    signal,
    onProgress(received, total) {
      if (total === null || Date.now() - shown < PROGRESS_EVERY_MS) return
      shown = Date.now()
      const percent = Math.min(99.9, (100 * received) / total)
      ctx.pool
        .query('update engine.assets set progress_percent = $2 where id = $1 and source_bytes is null', [
          asset.id,
          percent,
        ])
        .catch((error) => ctx.log.warn({ err: error }, 'progress was not recorded'))
    },
  })
}

async function clip(
  parts: IngestParts,
  asset: FullAsset,
  path: string,
  workFolder: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const { ctx, sources } = parts
  const input = asset.settings.inputs?.[0]
  const original = await findAsset(ctx.pool, clippedAssetOf(input?.url) ?? '')
  if (!original?.source_key) throw new MediaError('damaged', 'The asset to make a clip of does not exist.')
  const source = await sources.open(original.source_key, workFolder, signal)
  try {
    await cutClip({
      ffmpegPath: ctx.settings.ffmpegPath,
      sourcePath: source.path,
      path,
      from: input?.start_time ?? 0,
      to: input?.end_time ?? null,
      durationSeconds: original.duration_seconds ?? 0,
      signal,
    })
  } finally {
    await source.release()
  }
  return { bytes: null, sha256: null }
}

/** From here on it is an asset like any other. */
async function hand(ctx: EngineContext, assetId: string, { bytes, sha256 }: Fetched): Promise<void> {
  await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.assets set source_bytes = coalesce($2, 0), source_sha256 = $3, progress_percent = 0
       where id = $1 and deleted_at is null and completed_at is null`,
      [assetId, bytes, sha256],
    )
    if (rowCount !== 1) return
    await addJob(tx, 'ingest_first', { assetId }, { key: `ingest_first:${assetId}` })
    if (!sha256) await addJob(tx, 'hash_source', { assetId })
  })
}

async function settle(ctx: EngineContext, assetId: string, error: unknown): Promise<void> {
  if (storageTrouble(error)) return postpone(ctx, assetId, STORAGE_WAIT_MS)
  if (error instanceof DownloadError)
    return failIngest(ctx, assetId, { type: 'download_failed', message: error.message })
  if (error instanceof SourceMissing)
    return failIngest(ctx, assetId, {
      type: 'invalid_input',
      message: 'The asset to make a clip of is gone.',
    })
  if (isMediaError(error))
    return failIngest(ctx, assetId, { type: 'invalid_input', message: error.message, reason: error.code })
  ctx.log.error({ assetId, err: error }, 'a source could not be fetched')
  if (await countFailure(ctx, assetId))
    return failIngest(ctx, assetId, { type: 'internal_error', message: INTERNAL })
  throw error
}
