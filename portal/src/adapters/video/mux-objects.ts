import type Mux from '@mux/mux-node'
import type { ListedAsset, ListedUpload, Rendition, VideoAsset, VideoTrack, VideoUpload } from './port.ts'

export function readRendition({ status, name }: { status?: string; name?: string }): Rendition {
  if (status === 'ready' && name) return { status: 'ready', fileName: name }
  return { status: status === 'skipped' || status === 'errored' ? 'impossible' : 'preparing' }
}

/** The engine's own additions to Mux's shapes. */
type EngineUpload = { received_bytes?: number | null; total_bytes?: number | null; sha256?: string | null }
type EngineAsset = { error_reason?: string }

export function readUpload(upload: Mux.Video.Upload): VideoUpload {
  const { engine } = upload as { engine?: EngineUpload }
  return {
    id: upload.id,
    status: upload.status,
    assetId: upload.asset_id ?? null,
    receivedBytes: engine?.received_bytes ?? null,
    totalBytes: engine?.total_bytes ?? null,
    checksum: engine ? { sha256: engine.sha256 ?? null } : null,
    error: upload.error?.message ?? null,
    errorCode: upload.error?.type ?? null,
  }
}

export function readAsset(asset: Mux.Video.Asset): VideoAsset {
  const { state, progress } = asset.progress ?? { state: undefined, progress: -1 }
  const playbackIds = asset.playback_ids ?? []
  const { engine } = asset as { engine?: EngineAsset }
  return {
    id: asset.id,
    status: asset.status,
    complete: asset.status === 'ready' && state !== 'ingesting' && state !== 'transcoding',
    progressPercent: progress >= 0 ? Math.min(progress, 100) : null,
    uploadId: asset.upload_id ?? null,
    passthrough: asset.passthrough ?? null,
    durationSeconds: asset.duration ?? null,
    aspectRatio: asset.aspect_ratio ?? null,
    resolutionTier: asset.resolution_tier ?? null,
    playbackId: playbackIds.find((one) => one.policy === 'signed')?.id ?? null,
    publicPlaybackIds: playbackIds.filter((one) => one.policy === 'public').map((one) => one.id),
    error: asset.errors?.messages?.join(' ') ?? null,
    errorCode: engine?.error_reason ?? asset.errors?.type ?? null,
  }
}

/** An asset of a list; `installation` is the mark that tells ours from others'. */
export function readListedAsset(asset: Mux.Video.Asset, installation: string): ListedAsset {
  return {
    ...readAsset(asset),
    createdAt: new Date(Number(asset.created_at) * 1000),
    ours: asset.meta?.creator_id === installation,
    signedPlaybackIds: (asset.playback_ids ?? [])
      .filter((one) => one.policy === 'signed')
      .map((one) => one.id),
    tracks: (asset.tracks ?? []).flatMap(readTrack),
  }
}

/** An upload of a list; the mark stands in the settings of the asset to come. */
export function readListedUpload(upload: Mux.Video.Upload, installation: string): ListedUpload {
  const settings = upload.new_asset_settings
  return {
    ...readUpload(upload),
    passthrough: settings?.passthrough ?? null,
    ours: settings?.meta?.creator_id === installation,
  }
}

function readTrack(track: Mux.Video.Track): VideoTrack[] {
  const { id, type, status, language_code, name } = track
  if (!id || !type) return []
  // What has no state of its own is as ready as its asset.
  return [{ id, type, status: status ?? 'ready', languageCode: language_code ?? null, name: name ?? null }]
}
