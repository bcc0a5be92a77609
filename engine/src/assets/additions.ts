import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { findAsset, type TrackRow } from './asset-record.ts'
import type { AssetSettings } from './asset-settings.ts'
import { beginMaster, queueMaster, requestMaster } from './master-access/change-master-access.ts'
import { insertLegacyFiles } from './static-renditions/change-static-renditions.ts'
import {
  insertStaticRendition,
  queueStaticRendition,
  settleStaticRendition,
} from './static-renditions/static-rendition-rows.ts'
import { insertEmbedded } from './tracks/embedded-text.ts'
import { insertTrack, nameTaken } from './tracks/insert-track.ts'
import { canonicalLanguage } from './tracks/languages.ts'
import { failTracks } from './tracks/track-outcome.ts'
import { queueTrack } from './tracks/track-queue.ts'

/** What a new asset is to have beside its video: tracks of further inputs, files for downloads, its master. */
export async function addAdditions(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  settings: AssetSettings,
): Promise<void> {
  for (const input of settings.inputs?.slice(1) ?? []) {
    if (!input.url || !input.language_code || (input.type !== 'audio' && input.type !== 'text')) continue
    // Names are unique within a kind: of two that wish for the same, the later one is called by its language.
    const free = input.name && !(await nameTaken(tx, assetId, input.type, input.name))
    await insertTrack(tx, ctx, assetId, {
      type: input.type,
      url: input.url,
      languageCode: canonicalLanguage(input.language_code) ?? input.language_code,
      name: free ? input.name : null,
      closedCaptions: input.closed_captions,
      passthrough: input.passthrough,
    })
  }
  for (const wanted of settings.static_renditions ?? []) await insertStaticRendition(tx, ctx, assetId, wanted)
  if (settings.master_access === 'temporary') await requestMaster(tx, assetId)
}

/** The source is known and plays: what needs no more than that begins. */
export async function whenPlayable(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const asset = await findAsset(tx, assetId)
  if (!asset) return
  const waiting = asset.tracks.filter(({ status }) => status === 'preparing')
  const embedded = await insertEmbedded(tx, ctx, asset)
  const sound = asset.tracks.find(({ type, is_primary }) => type === 'audio' && is_primary)
  const generated: TrackRow[] = []
  // Without a recogniser a wish for captions is no reason to refuse the video.
  for (const wanted of (ctx.settings.transcribeCommand &&
    sound &&
    asset.settings.inputs?.[0]?.generated_subtitles) ||
    []) {
    generated.push(
      await insertTrack(tx, ctx, assetId, {
        type: 'text',
        url: null,
        source: 'generated_vod',
        languageCode: wanted.language_code ?? 'en',
        name: wanted.name,
        passthrough: wanted.passthrough,
        generatedFrom: sound!.id,
      }),
    )
  }
  for (const track of [...waiting, ...embedded.slice(0, 1), ...generated]) await queueTrack(tx, track)
  if (asset.master_status === 'preparing') await beginMaster(tx, ctx, assetId)
}

/** The ladder stands, or will grow no further. */
export async function whenComplete(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const asset = await findAsset(tx, assetId)
  if (asset?.status !== 'ready') return
  for (const row of asset.static_renditions)
    if (row.status === 'preparing') await queueStaticRendition(tx, row.id)
  await insertLegacyFiles(tx, ctx, assetId)
  if (asset.master_status === 'preparing') await queueMaster(tx, assetId)
}

/** There is no video: nothing beside it can be made either. */
export async function whenErrored(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const asset = await findAsset(tx, assetId)
  if (!asset) return
  const error = { type: 'invalid_input', message: 'The video of this asset could not be processed.' } as const
  const tracks = asset.tracks.filter(({ status }) => status === 'preparing').map(({ id }) => id)
  await failTracks(tx, ctx, tracks, error)
  for (const { id, status } of asset.static_renditions)
    if (status === 'preparing') await settleStaticRendition(tx, ctx, id, { status: 'errored', error })
  await tx.query(
    `update engine.assets set master_status = 'errored' where id = $1 and master_status = 'preparing'`,
    [assetId],
  )
}
