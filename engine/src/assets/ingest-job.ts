import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NoEncodeTurn } from '#engine/media/encode-turns.ts'
import type { IngestContext } from '#engine/media/ingest-context.ts'
import { isMediaError } from '#engine/media/media-error.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { OpenSource, Sources } from '#engine/storage/sources.ts'
import { type FullAsset, findAsset } from './asset-record.ts'
import { ingestBudgetMs } from './ingest-deadline.ts'
import { countFailure, failIngest, INTERNAL, OUT_OF_TIME } from './ingest-failure.ts'
import { finishedRenditions, ingestReports, priorityOf, SupersededError } from './ingest-reports.ts'
import type { RunningIngests } from './running-ingests.ts'
import { endWait, LOOK_AGAIN_MS, noteWait, troubleOf } from './storage-wait.ts'
import { removeWorkFolders } from './work-folders.ts'

export type IngestParts = {
  ctx: EngineContext
  storage: StoragePort
  sources: Sources
  running: RunningIngests
  /** The media side's one entry; given, so that this side can be tested without ffmpeg. */
  ingest: (ingest: IngestContext) => Promise<void>
}

type Stage = IngestContext['stage']

/**
 * One attempt at one stage of an asset's ingest. Safe to run again at any point: it resumes after the last finished
 * rendition. Throws only what the queue should try again.
 */
export async function runIngest(parts: IngestParts, assetId: string, stage: Stage): Promise<void> {
  const { ctx, running } = parts
  if (!(await needsStage(ctx, assetId, stage))) return
  const turn = await running.begin(assetId)
  // Another worker has it, or had it a moment ago: look again soon.
  if (!turn) return postpone(ctx, assetId, stage)
  const attempt = newId(12)
  const workFolder = join(ctx.settings.folder, 'work', `${assetId}.${attempt}`)
  try {
    const asset = await takeOver(ctx, assetId, stage, attempt)
    if (!asset) return
    await removeWorkFolders(ctx.settings.folder, assetId)
    await mkdir(workFolder, { recursive: true, mode: 0o700 })
    await attemptStage(parts, asset, { stage, attempt, workFolder, signal: turn.signal })
    await endWait(ctx.pool, assetId)
  } catch (error) {
    const reason = turn.reason()
    if (reason === 'stopping' || reason === 'lost') await postpone(ctx, assetId, stage)
    else if (reason !== 'deleted') await settle(ctx, assetId, stage, error)
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
    await turn.end()
  }
}

/** Time that a stopped or crowded attempt waits before the next. */
const POSTPONE_MS = 500

async function postpone(ctx: EngineContext, assetId: string, stage: Stage, ms = POSTPONE_MS): Promise<void> {
  const task = `ingest_${stage}`
  const runAt = new Date(Date.now() + ms)
  await addJob(ctx.pool, task, { assetId }, { runAt, key: `${task}:${assetId}`, priority: priorityOf(stage) })
}

async function needsStage(ctx: EngineContext, assetId: string, stage: Stage): Promise<FullAsset | null> {
  const asset = await findAsset(ctx.pool, assetId)
  return !asset || asset.completed_at || (stage === 'first' && asset.playable_at) ? null : asset
}

/** From here on only this attempt's reports count. */
async function takeOver(
  ctx: EngineContext,
  assetId: string,
  stage: Stage,
  attempt: string,
): Promise<FullAsset | null> {
  const { rowCount } = await ctx.pool.query(
    `update engine.assets set ingest_attempt = $2
     where id = $1 and deleted_at is null and completed_at is null`,
    [assetId, attempt],
  )
  return rowCount === 1 ? needsStage(ctx, assetId, stage) : null
}

type Attempt = Pick<IngestContext, 'stage' | 'attempt' | 'workFolder' | 'signal'>

async function attemptStage(parts: IngestParts, asset: FullAsset, attempt: Attempt): Promise<void> {
  const { ctx } = parts
  const { settings } = ctx
  const deadline = createDeadline()
  const signal = AbortSignal.any([attempt.signal, deadline.signal])
  const reports = ingestReports(ctx, asset, attempt.attempt)
  let source: OpenSource | null = null
  try {
    deadline.set(ingestBudgetMs(asset.duration_seconds))
    source = await openSource(parts.sources, asset, attempt.workFolder, signal)
    await parts.ingest({
      ...attempt,
      assetId: asset.id,
      sourcePath: source.path,
      storage: parts.storage,
      prefix: `assets/${asset.id}/`,
      media: asset.media,
      images: asset.images,
      finishedRenditions: await finishedRenditions(ctx.pool, asset.id),
      maxHeight: Number.parseInt(asset.settings.max_resolution_tier, 10),
      maxDurationSeconds: settings.maxDurationSeconds,
      ffmpegPath: settings.ffmpegPath,
      ffprobePath: settings.ffprobePath,
      signal,
      clock: ctx.clock,
      log: ctx.log.child({ assetId: asset.id, stage: attempt.stage }),
      ...reports,
      async onProbed(info) {
        await reports.onProbed(info)
        deadline.set(ingestBudgetMs(info.durationSeconds))
      },
    })
  } catch (error) {
    throw deadline.signal.aborted && !attempt.signal.aborted ? deadline.signal.reason : error
  } finally {
    deadline.clear()
    await source?.release()
  }
}

function createDeadline() {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return {
    signal: controller.signal,
    set(milliseconds: number) {
      clearTimeout(timer)
      timer = setTimeout(() => controller.abort(new OutOfTime()), milliseconds)
      timer.unref()
    },
    clear: () => clearTimeout(timer),
  }
}

function openSource(sources: Sources, asset: FullAsset, workFolder: string, signal: AbortSignal) {
  if (!asset.source_key) throw new Error(`asset ${asset.id} has no source`)
  return sources.open(asset.source_key, workFolder, signal, asset.source_sha256)
}

class OutOfTime extends Error {}

async function settle(ctx: EngineContext, assetId: string, stage: Stage, error: unknown): Promise<void> {
  if (error instanceof SupersededError) return
  if (error instanceof NoEncodeTurn) return postpone(ctx, assetId, stage)
  const trouble = troubleOf(error)
  if (trouble) {
    if (await noteWait(ctx, assetId, trouble)) await postpone(ctx, assetId, stage, LOOK_AGAIN_MS)
    return
  }
  if (error instanceof OutOfTime) return failIngest(ctx, assetId, { type: 'timeout', message: OUT_OF_TIME })
  if (isMediaError(error)) {
    ctx.log.info(
      { assetId, code: error.code, detail: error.detail.slice(0, 2000) },
      'the source cannot be processed',
    )
    // A timeout may come from a crowded machine; everything else lies in the file.
    if (error.code === 'timeout' && !(await countFailure(ctx, assetId))) throw error
    return failIngest(ctx, assetId, { type: 'invalid_input', message: error.message, reason: error.code })
  }
  ctx.log.error({ assetId, err: error }, 'an attempt at processing failed')
  if (await countFailure(ctx, assetId))
    return failIngest(ctx, assetId, { type: 'internal_error', message: INTERNAL })
  throw error
}
