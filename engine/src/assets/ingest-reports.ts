import { measureIframes } from '#engine/media/bandwidth.ts'
import type { ImagesResult, IngestContext, MediaInfo, RenditionResult } from '#engine/media/ingest-context.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { whenComplete, whenPlayable } from './additions.ts'
import type { AssetSettings } from './asset-settings.ts'
import { emitAsset } from './emit-asset.ts'
import { nonStandardReasons } from './input-info.ts'
import { mediaFacts } from './media-facts.ts'
import { type RenditionRow, renditionOf } from './rendition-record.ts'
import { linkSourceAudio } from './source-audio.ts'

/** Longer work waits behind what makes another video playable. */
export const priorityOf = (stage: IngestContext['stage']) => (stage === 'first' ? 0 : 10)

const PROGRESS_EVERY_MS = 1000

type Reports = Pick<
  IngestContext,
  'onProbed' | 'onRendition' | 'onPlayable' | 'onProgress' | 'onImages' | 'onDone'
>

/** Thrown into an ingest whose asset is gone or was taken over by a newer attempt; its work is void. */
export class SupersededError extends Error {
  constructor() {
    super('this attempt no longer owns the asset')
    this.name = 'SupersededError'
  }
}

/**
 * Writes what an attempt reports into the database. Each write holds only while the attempt owns the asset, so that
 * neither a deleted asset nor a worker wrongly thought dead can leave traces.
 */
export function ingestReports(
  ctx: EngineContext,
  asset: { id: string; settings: AssetSettings },
  attempt: string,
): Reports {
  let lastProgress = 0
  const report = (write: (tx: Queryable) => Promise<void>) =>
    inTransaction(ctx.pool, async (tx) => {
      const { rowCount } = await tx.query(
        'select 1 from engine.assets where id = $1 and ingest_attempt = $2 and deleted_at is null for update',
        [asset.id, attempt],
      )
      if (rowCount !== 1) throw new SupersededError()
      await write(tx)
    })
  return {
    onProbed: (info) => report((tx) => writeProbe(tx, ctx, asset, info)),
    onRendition: (result) =>
      report(async (tx) => {
        await writeRendition(tx, ctx, asset.id, result)
        await linkSourceAudio(tx, ctx, asset.id, result.name)
      }),
    onImages: (images: ImagesResult) =>
      report(async (tx) => {
        await tx.query('update engine.assets set images = $2 where id = $1', [
          asset.id,
          JSON.stringify(images),
        ])
      }),
    onPlayable: () => report((tx) => writePlayable(tx, ctx, asset.id)),
    async onProgress(percent) {
      const now = Date.now()
      if (now - lastProgress < PROGRESS_EVERY_MS) return
      lastProgress = now
      await report(async (tx) => {
        await tx.query(
          'update engine.assets set progress_percent = greatest(progress_percent, least($2, 99.9)) where id = $1',
          [asset.id, percent],
        )
      })
    },
    onDone: () =>
      report(async (tx) => {
        await tx.query(
          `update engine.assets set progress_state = 'completed', progress_percent = 100, completed_at = $2
           where id = $1`,
          [asset.id, ctx.clock()],
        )
        // What grew under a plan of an older version, and is no part of this one.
        await tx.query(`delete from engine.renditions where asset_id = $1 and status = 'growing'`, [asset.id])
        await whenComplete(tx, ctx, asset.id)
      }),
  }
}

async function writeProbe(
  tx: Queryable,
  ctx: EngineContext,
  asset: { id: string; settings: AssetSettings },
  info: MediaInfo,
): Promise<void> {
  const facts = mediaFacts(info, asset.settings.max_resolution_tier)
  await tx.query(
    `update engine.assets set media = $2, duration_seconds = $3, aspect_ratio = $4, max_width = $5, max_height = $6,
       max_frame_rate = $7, resolution_tier = $8 where id = $1`,
    [
      asset.id,
      JSON.stringify(info),
      facts.durationSeconds,
      facts.aspectRatio,
      facts.width,
      facts.height,
      facts.frameRate,
      facts.resolutionTier,
    ],
  )
  if (nonStandardReasons(info)) await emitAsset(tx, ctx, 'video.asset.non_standard_input_detected', asset.id)
  // Those with an address were asked for beside the source, and wait for it.
  await tx.query('delete from engine.tracks where asset_id = $1 and source_url is null', [asset.id])
  if (info.video) {
    await tx.query(
      `insert into engine.tracks (id, asset_id, type, duration_seconds, max_width, max_height, max_frame_rate, created_at)
       values ($1, $2, 'video', $3, $4, $5, $6, $7)`,
      [newId(), asset.id, facts.durationSeconds, facts.width, facts.height, facts.frameRate, ctx.clock()],
    )
  }
  if (info.audio) {
    await tx.query(
      `insert into engine.tracks (id, asset_id, type, duration_seconds, max_channels, language_code, name, is_primary,
         created_at) values ($1, $2, 'audio', $3, $4, $5, 'Default', true, $6)`,
      [newId(), asset.id, facts.durationSeconds, info.audio.channels, info.audio.language, ctx.clock()],
    )
  }
}

/** Writes a finished rendition's row, or over the one of its name. */
export async function writeRendition(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  result: RenditionResult,
): Promise<void> {
  const iframeRates = measureIframes(result.iframes)
  await tx.query(
    `insert into engine.renditions (asset_id, name, kind, width, height, frame_rate, codecs, bandwidth,
       average_bandwidth, channels, language, init_bytes, segments, folder, created_at,
       iframes, iframe_bandwidth, iframe_average_bandwidth, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (asset_id, name) do update set kind = excluded.kind, width = excluded.width, height = excluded.height,
       frame_rate = excluded.frame_rate, codecs = excluded.codecs, bandwidth = excluded.bandwidth,
       average_bandwidth = excluded.average_bandwidth, channels = excluded.channels, language = excluded.language,
       init_bytes = excluded.init_bytes, segments = excluded.segments, folder = excluded.folder,
       iframes = excluded.iframes, iframe_bandwidth = excluded.iframe_bandwidth,
       iframe_average_bandwidth = excluded.iframe_average_bandwidth, status = excluded.status`,
    [
      assetId,
      result.name,
      result.kind,
      result.width,
      result.height,
      result.frameRate,
      result.codecs,
      Math.round(result.bandwidth),
      Math.round(result.averageBandwidth),
      result.channels,
      result.language,
      result.initBytes,
      JSON.stringify(result.segments.map(({ duration, bytes }) => [duration, bytes])),
      result.folder,
      ctx.clock(),
      JSON.stringify(result.iframes),
      iframeRates?.bandwidth ?? null,
      iframeRates?.averageBandwidth ?? null,
      result.growing ? 'growing' : 'ready',
    ],
  )
}

/** The asset is ready from its first rendition on; the rest is queued in the same transaction. */
async function writePlayable(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `update engine.assets set status = 'ready', playable_at = $2, progress_state = 'transcoding', errors = null
     where id = $1 and status = 'preparing'`,
    [assetId, ctx.clock()],
  )
  if (rowCount !== 1) return
  await emitAsset(tx, ctx, 'video.asset.ready', assetId)
  await addJob(
    tx,
    'ingest_rest',
    { assetId },
    { key: `ingest_rest:${assetId}`, priority: priorityOf('rest') },
  )
  await whenPlayable(tx, ctx, assetId)
}

/** Renditions that earlier attempts finished, in the order they were made. */
export async function finishedRenditions(db: Queryable, assetId: string): Promise<RenditionResult[]> {
  const { rows } = await db.query<RenditionRow>(
    'select * from engine.renditions where asset_id = $1 order by created_at, name',
    [assetId],
  )
  return rows.map(renditionOf)
}
