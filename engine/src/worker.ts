import type { TaskList } from 'graphile-worker'
import { z } from 'zod'
import { removeAssetBytes } from '#engine/assets/delete-asset.ts'
import { fetchSource } from '#engine/assets/fetch/fetch-source.ts'
import { hashSource } from '#engine/assets/hash-source.ts'
import { type IngestParts, runIngest } from '#engine/assets/ingest-job.ts'
import { pruneSessions } from '#engine/assets/playback-sessions.ts'
import { sweepAssets } from '#engine/assets/sweep-assets.ts'
import type { Lane } from '#engine/platform/job-runner.ts'
import { removeUploadBytes, sweepUploads } from '#engine/uploads/sweep-uploads.ts'
import type { UploadParts } from '#engine/uploads/upload-parts.ts'
import { pruneUsage } from '#engine/usage/usage.ts'
import { pruneEvents } from '#engine/webhooks/outbox.ts'

const forAsset = z.object({ assetId: z.string() })
const forUpload = z.object({ uploadId: z.string() })

/** Short work at a time: probing, remuxing, first renditions, removals. */
const SHORT_CONCURRENCY = 4

/** Files fetched from elsewhere at a time: others' servers may be slow, and nothing here waits for them. */
const FETCH_CONCURRENCY = 4

/**
 * The engine's jobs in lanes: what makes a new video playable never waits behind another's long ladder.
 */
export function engineLanes(ingests: IngestParts, uploads: UploadParts): Lane[] {
  const { ctx, sources } = ingests
  const short: TaskList = {
    ingest_first: (payload) => runIngest(ingests, forAsset.parse(payload).assetId, 'first'),
    remove_asset: (payload) => removeAssetBytes(ingests, forAsset.parse(payload).assetId),
    remove_upload: (payload) => removeUploadBytes(uploads, forUpload.parse(payload).uploadId),
    sweep: () => sweep(ingests, uploads),
  }
  const long: TaskList = {
    hash_source: (payload) => hashSource(ctx, sources, forAsset.parse(payload).assetId),
    ingest_rest: (payload) => runIngest(ingests, forAsset.parse(payload).assetId, 'rest'),
  }
  const fetching: TaskList = {
    fetch_source: (payload) => fetchSource(ingests, forAsset.parse(payload).assetId),
  }
  return [
    { tasks: short, concurrency: SHORT_CONCURRENCY, crontab: '* * * * * sweep ?max=3' },
    { tasks: fetching, concurrency: FETCH_CONCURRENCY },
    { tasks: long, concurrency: ctx.settings.transcodeConcurrency },
  ]
}

/** What time alone brings about; runs each minute. */
export async function sweep(ingests: IngestParts, uploads: UploadParts): Promise<void> {
  await sweepUploads(uploads)
  await sweepAssets(ingests.ctx)
  await pruneSessions(ingests.ctx)
  await pruneEvents(ingests.ctx)
  await pruneUsage(ingests.ctx)
}
