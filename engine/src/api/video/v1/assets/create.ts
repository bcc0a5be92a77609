import { created, endpoint } from '#engine/api/endpoint.ts'
import { clippedAssetOf } from '#engine/assets/asset-inputs.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { type AssetSettings, newAssetInput } from '#engine/assets/asset-settings.ts'
import { createAsset, type NewSource } from '#engine/assets/create-asset.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError } from '#engine/platform/errors.ts'
import { createOutboundGuard, OutboundRefusal } from '#engine/platform/outbound-guard.ts'

/** POST /video/v1/assets: an asset of the file at a URL, or a clip of another asset; its bytes are fetched by a job. */
export const createAssetFromUrl = endpoint({
  method: 'POST',
  paths: ['/video/v1/assets'],
  body: newAssetInput,
  async run({ ctx, body }) {
    checkAddresses(ctx, body)
    const asset = await inTransaction(ctx.pool, async (tx) => {
      const source = await sourceOf(tx, body)
      const id = await createAsset(tx, ctx, { settings: body, source, test: false })
      return findAsset(tx, id)
    })
    return created(assetJson(asset!, 'string'))
  },
})

/** What can be told from an address alone is told at once; names are looked up by whoever fetches. */
function checkAddresses(ctx: EngineContext, { inputs = [] }: AssetSettings): void {
  const guard = createOutboundGuard(ctx.settings.allowedInputHosts)
  for (const [index, { url }] of inputs.entries()) {
    if (!url || clippedAssetOf(url)) continue
    try {
      guard.check(url)
    } catch (error) {
      if (!(error instanceof OutboundRefusal)) throw error
      throw new ApiError(400, `inputs.${index}.url: ${error.message}`)
    }
  }
}

async function sourceOf(tx: Queryable, { inputs }: AssetSettings): Promise<NewSource> {
  const input = inputs?.[0]
  const assetId = clippedAssetOf(input?.url)
  if (assetId === null) return { kind: 'url' }
  const original = await findAsset(tx, assetId)
  if (!original) throw new ApiError(400, 'inputs.0.url: there is no such asset')
  if (original.status !== 'ready') throw new ApiError(400, `inputs.0.url: the asset is ${original.status}`)
  if ((input?.start_time ?? 0) >= (original.duration_seconds ?? 0))
    throw new ApiError(400, 'inputs.0.start_time: lies past the end of the asset')
  return { kind: 'clip', assetId }
}
