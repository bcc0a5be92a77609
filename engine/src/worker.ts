import type { TaskList } from 'graphile-worker'
import { z } from 'zod'
import { removeAssetBytes } from '#engine/assets/delete-asset.ts'
import { fetchSource } from '#engine/assets/fetch/fetch-source.ts'
import { hashSource } from '#engine/assets/hash-source.ts'
import { type IngestParts, runIngest } from '#engine/assets/ingest-job.ts'
import { expireMasters } from '#engine/assets/master-access/change-master-access.ts'
import { makeMaster } from '#engine/assets/master-access/make-master.ts'
import { pruneSessions } from '#engine/assets/playback-sessions.ts'
import { removeFiles } from '#engine/assets/remove-files.ts'
import { makeStaticRendition } from '#engine/assets/static-renditions/make-static-rendition.ts'
import { sweepAssets } from '#engine/assets/sweep-assets.ts'
import { sweepInterim } from '#engine/assets/sweep-interim.ts'
import { sweepSideWork } from '#engine/assets/sweep-side-work.ts'
import { extractEmbedded } from '#engine/assets/tracks/embedded-text.ts'
import { makeTrack } from '#engine/assets/tracks/make-track.ts'
import { verifyStorage } from '#engine/assets/verify-storage.ts'
import { sweepWorkFolders } from '#engine/assets/work-folders.ts'
import type { Lane } from '#engine/platform/job-runner.ts'
import { removeUploadBytes, sweepUploads } from '#engine/uploads/sweep-uploads.ts'
import type { UploadParts } from '#engine/uploads/upload-parts.ts'
import { pruneUsage } from '#engine/usage/usage.ts'
import { makeExports } from '#engine/usage/usage-exports.ts'
import { pruneEvents } from '#engine/webhooks/outbox.ts'

const forAsset = z.object({ assetId: z.string() })
const forUpload = z.object({ uploadId: z.string() })
const forTrack = z.object({ trackId: z.string() })
const forStatic = z.object({ staticRenditionId: z.string() })
const forFiles = z.object({ assetId: z.string(), prefixes: z.array(z.string()) })

/** Short work at a time: probing, remuxing, first renditions, removals. */
const SHORT_CONCURRENCY = 4

/** Files fetched from elsewhere at a time: others' servers may be slow, and nothing here waits for them. */
const FETCH_CONCURRENCY = 4

/** Files made beside ladders at a time: mostly copying, which never waits for an encode. */
const FILES_CONCURRENCY = 2

/**
 * The engine's jobs in lanes: what makes a new video playable never waits behind another's long ladder.
 */
export function engineLanes(ingests: IngestParts, uploads: UploadParts): Lane[] {
  const { ctx, sources } = ingests
  const short: TaskList = {
    ingest_first: (payload) => runIngest(ingests, forAsset.parse(payload).assetId, 'first'),
    remove_asset: (payload) => removeAssetBytes(ingests, forAsset.parse(payload).assetId),
    remove_files: (payload) => removeFiles(ingests.storage, forFiles.parse(payload)),
    remove_upload: (payload) => removeUploadBytes(uploads, forUpload.parse(payload).uploadId),
    sweep: () => sweep(ingests, uploads),
    sweep_orphans: () => sweepOrphans(ingests),
  }
  const long: TaskList = {
    hash_source: (payload) => hashSource(ctx, sources, forAsset.parse(payload).assetId),
    ingest_rest: (payload) => runIngest(ingests, forAsset.parse(payload).assetId, 'rest'),
  }
  const fetching: TaskList = {
    fetch_source: (payload) => fetchSource(ingests, forAsset.parse(payload).assetId),
    make_track: (payload) => makeTrack(ingests, forTrack.parse(payload).trackId),
  }
  const files: TaskList = {
    extract_text: (payload) => extractEmbedded(ingests, forAsset.parse(payload).assetId),
    generate_captions: (payload) => makeTrack(ingests, forTrack.parse(payload).trackId),
    make_static_rendition: (payload) =>
      makeStaticRendition(ingests, forStatic.parse(payload).staticRenditionId),
    make_master: (payload) => makeMaster(ingests, forAsset.parse(payload).assetId),
  }
  return [
    {
      tasks: short,
      concurrency: SHORT_CONCURRENCY,
      crontab: '* * * * * sweep ?max=3\n17 3 * * * sweep_orphans ?max=3',
    },
    { tasks: fetching, concurrency: FETCH_CONCURRENCY },
    { tasks: files, concurrency: FILES_CONCURRENCY },
    { tasks: long, concurrency: ctx.settings.transcodeConcurrency },
  ]
}

/** Bytes that no row knows of, left by a process that was cut off while others went on. */
async function sweepOrphans({ ctx, storage, sources }: IngestParts): Promise<void> {
  const { orphans, missing } = await verifyStorage(
    { pool: ctx.pool, storage, sources },
    { graceMs: 24 * 3600_000, remove: true },
  )
  if (orphans.length > 0) ctx.log.warn({ orphans: orphans.length }, 'bytes that no row knows of were removed')
  if (missing.length > 0) ctx.log.error({ missing: missing.slice(0, 20) }, 'stored objects are missing')
}

/** What time alone brings about; runs each minute. */
export async function sweep(ingests: IngestParts, uploads: UploadParts): Promise<void> {
  await sweepUploads(uploads)
  await sweepAssets(ingests.ctx)
  await sweepInterim(ingests.ctx)
  await sweepWorkFolders(ingests.ctx.settings.folder, ingests.running)
  await sweepSideWork(ingests.ctx)
  await expireMasters(ingests.ctx)
  await pruneSessions(ingests.ctx)
  await pruneEvents(ingests.ctx)
  await pruneUsage(ingests.ctx)
  await makeExports(ingests.ctx)
}
