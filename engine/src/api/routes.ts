import type { Endpoint } from './endpoint.ts'
import { makeSigningKey } from './system/v1/signing-keys/create.ts'
import { removeSigningKey } from './system/v1/signing-keys/delete.ts'
import { getSigningKey } from './system/v1/signing-keys/get.ts'
import { listSigningKeys } from './system/v1/signing-keys/list.ts'
import { makeWebhook } from './system/v1/webhooks/create.ts'
import { removeWebhook } from './system/v1/webhooks/delete.ts'
import { getWebhook } from './system/v1/webhooks/get.ts'
import { listWebhooks } from './system/v1/webhooks/list.ts'
import { changeWebhook } from './system/v1/webhooks/update.ts'
import { whoami } from './system/v1/whoami/get.ts'
import { createAssetFromUrl } from './video/v1/assets/create.ts'
import { removeAsset } from './video/v1/assets/delete.ts'
import { getAsset } from './video/v1/assets/get.ts'
import { listAssets } from './video/v1/assets/list.ts'
import { createPlaybackId } from './video/v1/assets/playback-ids/create.ts'
import { removePlaybackId } from './video/v1/assets/playback-ids/delete.ts'
import { getAssetPlaybackId } from './video/v1/assets/playback-ids/get.ts'
import { updateAsset } from './video/v1/assets/update.ts'
import { listUsage } from './video/v1/delivery-usage/list.ts'
import { getPlaybackId } from './video/v1/playback-ids/get.ts'
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
  createPlaybackId,
  getAssetPlaybackId,
  removePlaybackId,
  getPlaybackId,
  deletePlaybackSessions,
  revokePlaybackSessions,
  makeSigningKey,
  listSigningKeys,
  getSigningKey,
  removeSigningKey,
  listUsage,
  makeWebhook,
  listWebhooks,
  getWebhook,
  changeWebhook,
  removeWebhook,
  whoami,
]
