import type { Endpoint } from './endpoint.ts'
import { makeSigningKey } from './system/v1/signing-keys/create.ts'
import { removeSigningKey } from './system/v1/signing-keys/delete.ts'
import { getSigningKey } from './system/v1/signing-keys/get.ts'
import { listSigningKeys } from './system/v1/signing-keys/list.ts'
import { listUsageExports } from './system/v1/usage/exports/list.ts'
import { makeWebhook } from './system/v1/webhooks/create.ts'
import { removeWebhook } from './system/v1/webhooks/delete.ts'
import { getWebhook } from './system/v1/webhooks/get.ts'
import { listWebhooks } from './system/v1/webhooks/list.ts'
import { changeWebhook } from './system/v1/webhooks/update.ts'
import { whoami } from './system/v1/whoami/get.ts'
import { createAssetFromUrl } from './video/v1/assets/create.ts'
import { removeAsset } from './video/v1/assets/delete.ts'
import { getAsset } from './video/v1/assets/get.ts'
import { getInputInfo } from './video/v1/assets/input-info/get.ts'
import { listAssets } from './video/v1/assets/list.ts'
import { updateAssetMasterAccess } from './video/v1/assets/master-access/update.ts'
import { updateAssetMp4Support } from './video/v1/assets/mp4-support/update.ts'
import { createPlaybackId } from './video/v1/assets/playback-ids/create.ts'
import { removePlaybackId } from './video/v1/assets/playback-ids/delete.ts'
import { getAssetPlaybackId } from './video/v1/assets/playback-ids/get.ts'
import { createAssetStaticRendition } from './video/v1/assets/static-renditions/create.ts'
import { removeAssetStaticRendition } from './video/v1/assets/static-renditions/delete.ts'
import { removeThumbnailTime } from './video/v1/assets/thumbnail-time/delete.ts'
import { createAssetTrack } from './video/v1/assets/tracks/create.ts'
import { removeAssetTrack } from './video/v1/assets/tracks/delete.ts'
import { generateTrackSubtitles } from './video/v1/assets/tracks/generate-subtitles.ts'
import { updateAssetTrack } from './video/v1/assets/tracks/update.ts'
import { updateAsset } from './video/v1/assets/update.ts'
import { listUsage } from './video/v1/delivery-usage/list.ts'
import { getPlaybackId } from './video/v1/playback-ids/get.ts'
import { makePlaybackRestriction } from './video/v1/playback-restrictions/create.ts'
import { removePlaybackRestriction } from './video/v1/playback-restrictions/delete.ts'
import { getPlaybackRestriction } from './video/v1/playback-restrictions/get.ts'
import { getPlaybackRestrictions } from './video/v1/playback-restrictions/list.ts'
import { setReferrers, setUserAgents } from './video/v1/playback-restrictions/update.ts'
import { deletePlaybackSessions } from './video/v1/playback-sessions/delete.ts'
import { revokePlaybackSessions } from './video/v1/playback-sessions/revoke.ts'
import { cancelUpload } from './video/v1/uploads/cancel.ts'
import { createUpload } from './video/v1/uploads/create.ts'
import { getUpload } from './video/v1/uploads/get.ts'
import { listUploads } from './video/v1/uploads/list.ts'

/** The whole REST surface. */
export const endpoints: Endpoint[] = [
  createUpload,
  listUploads,
  getUpload,
  cancelUpload,
  createAssetFromUrl,
  listAssets,
  getAsset,
  updateAsset,
  removeAsset,
  getInputInfo,
  removeThumbnailTime,
  createPlaybackId,
  getAssetPlaybackId,
  removePlaybackId,
  createAssetTrack,
  updateAssetTrack,
  removeAssetTrack,
  generateTrackSubtitles,
  createAssetStaticRendition,
  removeAssetStaticRendition,
  updateAssetMasterAccess,
  updateAssetMp4Support,
  getPlaybackId,
  makePlaybackRestriction,
  getPlaybackRestrictions,
  getPlaybackRestriction,
  setReferrers,
  setUserAgents,
  removePlaybackRestriction,
  deletePlaybackSessions,
  revokePlaybackSessions,
  makeSigningKey,
  listSigningKeys,
  getSigningKey,
  removeSigningKey,
  listUsage,
  listUsageExports,
  makeWebhook,
  listWebhooks,
  getWebhook,
  changeWebhook,
  removeWebhook,
  whoami,
]
