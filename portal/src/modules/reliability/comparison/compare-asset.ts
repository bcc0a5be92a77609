import type { ListedAsset, VideoTrack } from '#portal/adapters/video/port.ts'
import type { Compared } from '#portal/modules/uploads/list-compared.ts'
import type { FindingKind } from '../rules.ts'
import type { FindingDetail } from '../tables.ts'

/** One thing that is not the same here and there. */
export type Difference = {
  kind: FindingKind
  objectType: 'upload' | 'asset' | 'track' | 'playback_id'
  objectId: string
  uploadId: string | null
  videoId: string | null
  detail: FindingDetail
}

export type KnownTrack = { trackId: string; type: string }

/** What is known here of what an asset may be about. */
export type Surroundings = {
  /** By the asset's ID, else by the upload that it names. */
  known: Compared | null
  /** Events that have come, as "type objectId". */
  events: Set<string>
  /** As they were last seen; none where the asset is compared for the first time. */
  tracks: KnownTrack[]
  now: Date
}

/** A passthrough of ours: the upload's ID. */
export const OUR_UPLOAD = /^upl_[1-9A-HJ-NP-Za-km-z]{22}$/

/** Younger things may still be told of. */
const NEWS_MS = 15 * 60_000
/** Events of older ones are no longer kept, so that nobody knows whether they came. */
const KEPT_MS = 80 * 86_400_000

const RANK = { waiting: 0, processing: 1, ready: 2, failed: 3, deleted: 4 } as const
const IMPLIED = { preparing: 'processing', ready: 'ready', errored: 'failed' } as const

/**
 * What differs about one asset of the service's list. Pure. An asset that nothing here knows is ours only by its mark;
 * what others have made is none of our business.
 */
export function compareAsset(asset: ListedAsset, around: Surroundings): Difference[] {
  const { known } = around
  const said = asset.passthrough ?? ''
  const about = (kind: FindingKind, detail: FindingDetail = {}): Difference => ({
    ...{ kind, objectType: 'asset', objectId: asset.id, detail },
    ...{ uploadId: known?.uploadId ?? null, videoId: known?.videoId ?? null },
  })
  if (!known) {
    if (asset.ours) return [about('asset_orphan', { passthrough: said })]
    return OUR_UPLOAD.test(said) ? [about('asset_unmarked', { passthrough: said })] : []
  }
  if (known.assetId !== null && known.assetId !== asset.id)
    return asset.ours ? [about('asset_extra')] : [about('asset_unmarked')]
  if (known.deletedAt !== null)
    return known.assetDeletedAt === null ? [about('asset_undeleted')] : [about('asset_orphan')]
  // The upload had ended before its file became an asset: nobody waits for it any more.
  if (known.assetId === null && known.videoStatus === 'failed') return [about('asset_orphan')]
  const behind = RANK[IMPLIED[asset.status]] > RANK[known.videoStatus]
  const missing = missingEvents(asset, known, around)
  return [
    ...(missing.length > 0 ? [about('event_missing', { status: asset.status, events: missing })] : []),
    ...(behind && missing.length === 0 && !isNews(asset, around.now)
      ? [about('state_behind', { here: known.videoStatus, there: asset.status })]
      : []),
    ...comparePlaybackIds(asset, known),
    ...compareTracks(asset, known, around.tracks),
  ]
}

/** Whether somebody else made it: neither its mark nor what it names is ours. */
export function isStranger(asset: ListedAsset, known: Compared | null): boolean {
  return !known && !asset.ours && !OUR_UPLOAD.test(asset.passthrough ?? '')
}

const isNews = (asset: ListedAsset, now: Date) => now.getTime() - asset.createdAt.getTime() < NEWS_MS

function missingEvents(asset: ListedAsset, known: Compared, { events, now }: Surroundings): string[] {
  const age = now.getTime() - asset.createdAt.getTime()
  if (age < NEWS_MS || age > KEPT_MS) return []
  const end = { preparing: [], ready: ['video.asset.ready'], errored: ['video.asset.errored'] }[asset.status]
  const missing = ['video.asset.created', ...end].filter((type) => !events.has(`${type} ${asset.id}`))
  const made = 'video.upload.asset_created'
  return known.providerUploadId && !events.has(`${made} ${known.providerUploadId}`)
    ? [...missing, made]
    : missing
}

function comparePlaybackIds(asset: ListedAsset, known: Compared): Difference[] {
  const { uploadId, videoId, playbackId } = known
  const about = (kind: FindingKind, objectId: string): Difference => ({
    ...{ kind, objectType: 'playback_id', objectId, uploadId, videoId, detail: { asset: asset.id } },
  })
  const found = asset.publicPlaybackIds.map((id) => about('playback_id_public', id))
  if (known.videoStatus !== 'ready' || !playbackId) return found
  const missing = !asset.signedPlaybackIds.includes(playbackId)
  const extra = asset.signedPlaybackIds.filter((id) => id !== playbackId)
  return [
    ...found,
    ...(missing ? [about('playback_id_missing', playbackId)] : []),
    ...extra.map((id) => about('playback_id_extra', id)),
  ]
}

function compareTracks(asset: ListedAsset, known: Compared, before: KnownTrack[]): Difference[] {
  const { uploadId, videoId } = known
  const about = (kind: FindingKind, id: string, type: string): Difference => ({
    ...{ kind, objectType: 'track', objectId: id, uploadId, videoId, detail: { asset: asset.id, type } },
  })
  const there = asset.tracks.filter(({ status }) => status !== 'deleted')
  const failed = there.filter(({ status }) => status === 'errored')
  const first = before.length === 0
  const isKnown = ({ id }: VideoTrack) => before.some(({ trackId }) => trackId === id)
  const gone = before.filter(({ trackId }) => !there.some(({ id }) => id === trackId))
  return [
    ...failed.map(({ id, type }) => about('track_failed', id, type)),
    ...(first ? [] : there.filter((track) => !isKnown(track))).map(({ id, type }) =>
      about('track_extra', id, type),
    ),
    ...gone.map(({ trackId, type }) => about('track_missing', trackId, type)),
  ]
}
