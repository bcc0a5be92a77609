import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId, newPlaybackId } from '#engine/platform/ids.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { addAdditions } from './additions.ts'
import type { AssetSettings } from './asset-settings.ts'
import { emitAsset } from './emit-asset.ts'
import { ingestBudgetMs } from './ingest-deadline.ts'

/** Where a new asset's bytes are: here already, or somewhere from where they must be fetched first. */
export type NewSource =
  | { kind: 'upload'; uploadId: string; key: string; bytes: number; sha256: Buffer | null }
  | { kind: 'url' }
  | { kind: 'clip'; assetId: string }

export type NewAsset = { settings: AssetSettings; source: NewSource; test: boolean }

const INGEST_TYPES = {
  upload: 'on_demand_direct_upload',
  url: 'on_demand_url',
  clip: 'on_demand_clip',
} as const

/**
 * Creates an asset with its playback IDs, its `video.asset.created` event and its first job, all in the caller's
 * transaction. Returns the asset's id.
 */
export async function createAsset(tx: Queryable, ctx: EngineContext, asset: NewAsset): Promise<string> {
  const id = newId()
  const now = ctx.clock()
  const { settings, source } = asset
  const upload = source.kind === 'upload' ? source : null
  await tx.query(
    `insert into engine.assets (id, upload_id, ingest_type, settings, passthrough, meta, test, source_key, source_bytes,
       source_sha256, source_asset_id, deadline_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      id,
      upload?.uploadId ?? null,
      INGEST_TYPES[source.kind],
      JSON.stringify(settings),
      settings.passthrough ?? null,
      settings.meta ? JSON.stringify(settings.meta) : null,
      asset.test || settings.test === true,
      upload?.key ?? null,
      upload?.bytes ?? null,
      upload?.sha256 ?? null,
      source.kind === 'clip' ? source.assetId : null,
      new Date(now.getTime() + ingestBudgetMs(null)),
      now,
    ],
  )
  for (const policy of settings.playback_policies) await addPlaybackId(tx, ctx, id, policy)
  await emitAsset(tx, ctx, 'video.asset.created', id)
  await addAdditions(tx, ctx, id, settings)
  const task = upload ? 'ingest_first' : 'fetch_source'
  await addJob(tx, task, { assetId: id }, { key: `${task}:${id}` })
  if (upload && !upload.sha256) await addJob(tx, 'hash_source', { assetId: id })
  return id
}

export async function addPlaybackId(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  policy: 'public' | 'signed',
): Promise<{ id: string; policy: string }> {
  const id = newPlaybackId()
  await tx.query(
    'insert into engine.playback_ids (id, asset_id, policy, created_at) values ($1, $2, $3, $4)',
    [id, assetId, policy, ctx.clock()],
  )
  return { id, policy }
}
