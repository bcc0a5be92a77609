import { type AssetRow, findAsset } from '#engine/assets/asset-record.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { tellIngestToStop } from '#engine/assets/running-ingests.ts'
import { sideName } from '#engine/assets/side-work.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { addJob } from '#engine/platform/job-runner.ts'

/** Name of the work that makes a master. */
export const MASTER_WORK = 'master'

/** Storage prefix of an asset's master; ends in '/'. */
export const masterPrefix = (assetId: string) => `assets/${assetId}/master/`

/**
 * Gives access to the master for 24 hours from when it is ready, or takes it away at once. Asking for what is so
 * already changes nothing. Throws ApiError 404, and 400 while the asset is not ready.
 */
export async function updateMasterAccess(
  ctx: EngineContext,
  assetId: string,
  access: 'temporary' | 'none',
): Promise<void> {
  await inTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<Pick<AssetRow, 'status' | 'master_access' | 'master_status'>>(
      'select status, master_access, master_status from engine.assets where id = $1 and deleted_at is null for update',
      [assetId],
    )
    const asset = rows[0]
    if (!asset) throw notFound()
    if (access === 'none') {
      if (asset.master_access !== 'none') await removeMaster(tx, ctx, assetId)
      return
    }
    if (asset.status !== 'ready') throw new ApiError(400, 'The asset must be in the ready state.')
    if (asset.master_access === 'temporary' && asset.master_status !== 'errored') return
    await requestMaster(tx, assetId)
    await beginMaster(tx, ctx, assetId)
  })
}

/** Notes that the master is wanted; it is made once `beginMaster` says so. */
export async function requestMaster(tx: Queryable, assetId: string): Promise<void> {
  await tx.query(
    `update engine.assets set master_access = 'temporary', master_status = 'preparing', master_failures = 0
     where id = $1`,
    [assetId],
  )
}

export async function beginMaster(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  await emitAsset(tx, ctx, 'video.asset.master.preparing', assetId)
  await queueMaster(tx, assetId)
}

export async function queueMaster(tx: Queryable, assetId: string, runAt?: Date): Promise<void> {
  await addJob(tx, 'make_master', { assetId }, { key: `make_master:${assetId}`, runAt, priority: 10 })
}

/** Ends the access; the file goes by a job, and its link at once. */
export async function removeMaster(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  await tx.query(
    `update engine.assets set master_access = 'none', master_status = null, master_key = null, master_url = null,
       master_expires_at = null where id = $1`,
    [assetId],
  )
  if (await findAsset(tx, assetId)) await emitAsset(tx, ctx, 'video.asset.master.deleted', assetId)
  await tellIngestToStop(tx, sideName(assetId, MASTER_WORK))
  await addJob(tx, 'remove_files', { assetId, prefixes: [masterPrefix(assetId)] })
}

/** Ends what has been open for 24 hours. */
export async function expireMasters(ctx: EngineContext): Promise<void> {
  const { rows } = await ctx.pool.query<{ id: string }>(
    `select id from engine.assets where master_access = 'temporary' and master_expires_at <= $1
       and deleted_at is null limit 500`,
    [ctx.clock()],
  )
  for (const { id } of rows) {
    await inTransaction(ctx.pool, async (tx) => {
      const { rowCount } = await tx.query(
        'select 1 from engine.assets where id = $1 and master_expires_at <= $2 and deleted_at is null for update',
        [id, ctx.clock()],
      )
      if (rowCount === 1) await removeMaster(tx, ctx, id)
    })
  }
}
