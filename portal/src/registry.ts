import { abuseJobs, abuseOperations } from './modules/abuse/abuse-operations.ts'
import { accessJobs, accessOperations } from './modules/access/access-operations.ts'
import { changeMasterKey } from './modules/access/rotate-master-key.ts'
import { exportViewing } from './modules/analytics/export-viewing.ts'
import { reportProgress } from './modules/analytics/report-progress.ts'
import { getRecording, setRecording } from './modules/analytics/set-recording.ts'
import { getShareViewing } from './modules/analytics/share-viewing.ts'
import { summariseShareViewing, summariseVideoViewing } from './modules/analytics/summarise-viewing.ts'
import { getVideoViewing } from './modules/analytics/video-viewing.ts'
import { auditTierJobs, auditTierOperations } from './modules/audit/archive/tier-operations.ts'
import { exportAuditEvents } from './modules/audit/export-events.ts'
import { logAccessJobs, logAccessOperations } from './modules/audit/grants/log-access-operations.ts'
import { searchAudit } from './modules/audit/queries.ts'
import { downloadLog, getLogHead, getLogKeys, getReceipt, readLog } from './modules/audit/read-log.ts'
import { getOwnReceipt } from './modules/audit/read-own-receipt.ts'
import { recordAuditExport } from './modules/audit/record-export.ts'
import { rotateAuditKey } from './modules/audit/rotate-key.ts'
import { deleteLogSearch, listLogSearches, saveLogSearch } from './modules/audit/saved-searches.ts'
import { snapshotJobs, snapshotOperations } from './modules/audit/snapshot/snapshot-operations.ts'
import { getTimestamp, listTimestamps } from './modules/audit/witness/list-timestamps.ts'
import { stampHeads } from './modules/audit/witness/stamp-heads.ts'
import { thinCosignatures, watchLog } from './modules/audit/witness/watch-log.ts'
import { downloadJobs, downloadOperations } from './modules/downloads/download-operations.ts'
import { acceptInvitation } from './modules/identity/accept-invitation.ts'
import { mailAccountProof } from './modules/identity/account-mail-job.ts'
import { accountOperations } from './modules/identity/account-operations.ts'
import { createUser } from './modules/identity/create-user.ts'
import { inviteUser } from './modules/identity/invite-user.ts'
import { countMembers, getSelf, listInvitations, listUsers } from './modules/identity/queries.ts'
import { recordSignIn, recordSignOut } from './modules/identity/record-sign-in.ts'
import { limitJobs, limitOperations } from './modules/limits/limit-operations.ts'
import { digestOwners, tellOwners } from './modules/notifications/deliver-news.ts'
import { notificationJobs } from './modules/notifications/jobs.ts'
import { listAlertChannels, listAlerts } from './modules/notifications/list-alerts.ts'
import { listOutbox } from './modules/notifications/list-outbox.ts'
import {
  getPreferences,
  setPreferences,
  unsubscribe,
} from './modules/notifications/notification-preferences.ts'
import { acknowledgeAlert, resolveAlert } from './modules/notifications/settle-alert.ts'
import { testChannels } from './modules/notifications/test-channels.ts'
import { createSigningKey } from './modules/playback/create-signing-key.ts'
import { issuePlayback } from './modules/playback/issue-playback.ts'
import { listSigningKeys } from './modules/playback/list-signing-keys.ts'
import { pictureUrls } from './modules/playback/picture-urls.ts'
import { playOwnVideo } from './modules/playback/play-own-video.ts'
import { posterUrls } from './modules/playback/poster-urls.ts'
import { reviewRotation } from './modules/playback/review-rotation.ts'
import { rotateSigningKey } from './modules/playback/rotate-signing-key.ts'
import { signingKeyJobs } from './modules/playback/tend-signing-keys.ts'
import { viewerPoster } from './modules/playback/viewer-poster.ts'
import { privacyJobs, privacyOperations } from './modules/privacy/privacy-operations.ts'
import { checkStaging, stateFlags } from './modules/reliability/check-staging.ts'
import {
  reconciliationJobs,
  reconciliationOperations,
} from './modules/reliability/comparison/reconciliation-operations.ts'
import { noteSettings } from './modules/reliability/note-settings.ts'
import { probeRevokeJob } from './modules/reliability/probe/probe-revoke.ts'
import { readMeasurements } from './modules/reliability/probe/read-measurements.ts'
import { remindOfDrill } from './modules/reliability/remind-drill.ts'
import { telemetryJobs, telemetryOperations } from './modules/reliability/telemetry/telemetry-operations.ts'
import { changeShare } from './modules/sharing/change-share.ts'
import { createShare } from './modules/sharing/create-share.ts'
import { approveExtension, declineExtension, listExtensions } from './modules/sharing/decide-extension.ts'
import { approveShare, collectShare, declineShare } from './modules/sharing/decide-share.ts'
import { extendShare } from './modules/sharing/extend-share.ts'
import { forgetViewers, forgetViewersNightly } from './modules/sharing/forget-viewers.ts'
import { openShare } from './modules/sharing/open-share.ts'
import { adminListShares, getShare, listShares } from './modules/sharing/queries.ts'
import { copyViewerRecord, objectToRecord, readViewerRecord } from './modules/sharing/read-viewer-record.ts'
import { releaseDevice } from './modules/sharing/release-device.ts'
import { remindViewer } from './modules/sharing/remind-viewer.ts'
import { revocationJobs, revocationOperations } from './modules/sharing/revocation-operations.ts'
import { getShareLimits, listShareLimits, setShareLimits } from './modules/sharing/set-share-limits.ts'
import { getShareHistory } from './modules/sharing/share-history.ts'
import { shareListJobs, shareListOperations } from './modules/sharing/share-list-operations.ts'
import { summariseShares } from './modules/sharing/summarise-shares.ts'
import { verifyViewer } from './modules/sharing/verify-viewer.ts'
import { getViewerHistory, getViewerReceipt } from './modules/sharing/viewer-history.ts'
import { confirmBlack, getWatchState } from './modules/sharing/watch-stop.ts'
import { explainOneShare, explainVideo } from './modules/sharing/who-can-watch.ts'
import { cancelUpload } from './modules/uploads/cancel-upload.ts'
import { getUpload } from './modules/uploads/get-upload.ts'
import { uploadJobs } from './modules/uploads/jobs.ts'
import { listUploads } from './modules/uploads/list-uploads.ts'
import { declareChecksum, reportUpload } from './modules/uploads/report-upload.ts'
import { resumeUpload } from './modules/uploads/resume-upload.ts'
import { settleUpload } from './modules/uploads/settle-upload.ts'
import { startUpload } from './modules/uploads/start-upload.ts'
import { getUploadHistory } from './modules/uploads/upload-history.ts'
import { deleteVideo } from './modules/videos/delete-video.ts'
import { findPlaybackIds } from './modules/videos/find-playback-ids.ts'
import { getVideo } from './modules/videos/get-video.ts'
import { listVideos } from './modules/videos/list-videos.ts'
import { renameVideo } from './modules/videos/rename-video.ts'
import { setChapters } from './modules/videos/set-chapters.ts'
import { setTitle } from './modules/videos/set-title.ts'
import { getVideoHistory } from './modules/videos/video-history.ts'
import { webhookJobs } from './modules/webhooks/jobs.ts'
import { webhookOperations } from './modules/webhooks/webhook-operations.ts'
import { takesPerson } from './platform/api-key-scopes.ts'
import type { AnyJob } from './platform/job.ts'
import type { AnyOperation } from './platform/operation.ts'

/** Everything the product can do: the permission matrix is this list. */
export const operations: readonly AnyOperation[] = [
  // identity
  getSelf,
  listUsers,
  listInvitations,
  countMembers,
  inviteUser,
  acceptInvitation,
  createUser,
  recordSignIn,
  recordSignOut,
  ...accountOperations,
  ...accessOperations,
  // sharing
  createShare,
  changeShare,
  approveShare,
  declineShare,
  collectShare,
  getShareLimits,
  listShareLimits,
  setShareLimits,
  listShares,
  getShare,
  getShareHistory,
  adminListShares,
  ...shareListOperations,
  summariseShares,
  explainOneShare,
  explainVideo,
  ...revocationOperations,
  readMeasurements,
  noteSettings,
  stateFlags,
  checkStaging,
  ...telemetryOperations,
  releaseDevice,
  ...downloadOperations,
  openShare,
  verifyViewer,
  getWatchState,
  confirmBlack,
  readViewerRecord,
  copyViewerRecord,
  objectToRecord,
  getViewerHistory,
  getViewerReceipt,
  forgetViewers,
  // analytics
  reportProgress,
  getRecording,
  setRecording,
  getShareViewing,
  exportViewing,
  getVideoViewing,
  summariseVideoViewing,
  summariseShareViewing,
  pictureUrls,
  remindViewer,
  extendShare,
  listExtensions,
  approveExtension,
  declineExtension,
  // playback
  issuePlayback,
  playOwnVideo,
  posterUrls,
  viewerPoster,
  createSigningKey,
  listSigningKeys,
  rotateSigningKey,
  changeMasterKey,
  reviewRotation,
  // uploads
  startUpload,
  getUpload,
  getUploadHistory,
  listUploads,
  resumeUpload,
  cancelUpload,
  reportUpload,
  declareChecksum,
  settleUpload,
  // videos
  listVideos,
  getVideo,
  getVideoHistory,
  findPlaybackIds,
  renameVideo,
  setChapters,
  deleteVideo,
  ...webhookOperations,
  // reliability
  ...reconciliationOperations,
  ...limitOperations,
  ...abuseOperations,
  // privacy
  ...privacyOperations,
  // notifications
  listOutbox,
  listAlerts,
  listAlertChannels,
  acknowledgeAlert,
  resolveAlert,
  testChannels,
  getPreferences,
  setPreferences,
  unsubscribe,
  // audit
  searchAudit,
  readLog,
  getLogHead,
  getLogKeys,
  getReceipt,
  getOwnReceipt,
  downloadLog,
  recordAuditExport,
  rotateAuditKey,
  listTimestamps,
  getTimestamp,
  ...auditTierOperations,
  ...logAccessOperations,
  exportAuditEvents,
  listLogSearches,
  saveLogSearch,
  deleteLogSearch,
  ...snapshotOperations,
]

/** What an API key may be given: every operation but those that take a person. */
export const keyActions: readonly string[] = operations
  .map(({ action }) => action)
  .filter((action) => !takesPerson(action))

/** Everything the queue runs. */
export const jobs: readonly AnyJob[] = [
  ...shareListJobs,
  mailAccountProof,
  ...accessJobs,
  ...logAccessJobs,
  ...revocationJobs,
  probeRevokeJob,
  remindOfDrill,
  ...telemetryJobs,
  forgetViewersNightly,
  ...signingKeyJobs,
  ...downloadJobs,
  ...notificationJobs,
  tellOwners,
  digestOwners,
  ...uploadJobs,
  ...webhookJobs,
  ...reconciliationJobs,
  ...limitJobs,
  ...abuseJobs,
  ...privacyJobs,
  setTitle,
  ...auditTierJobs,
  watchLog,
  thinCosignatures,
  stampHeads,
  ...snapshotJobs,
]
