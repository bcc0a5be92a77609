import { finishReplacement } from '#portal/modules/videos/replace-playback-id.ts'
import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { readmitViewer } from './bar-viewer.ts'
import { approveRevocation, declineRevocation, reviewRevocation } from './decide-revocation.ts'
import { countApprovals, listRevocations } from './list-revocations.ts'
import { previewRevocation, requestRevocation } from './request-revocation.ts'
import { revokeShare } from './revoke-share.ts'
import { revokeVideoShares } from './revoke-video-shares.ts'
import { continueRevocation } from './run-revocation.ts'
import { cancelScheduledRevoke, scheduleRevoke } from './schedule-revoke.ts'
import { stopSessions } from './stop-sessions.ts'
import { carryOutSchedule, watchRevocations } from './watch-revocations.ts'

/** Everything by which links are taken back. */
export const revocationOperations: readonly AnyOperation[] = [
  revokeShare,
  revokeVideoShares,
  scheduleRevoke,
  cancelScheduledRevoke,
  previewRevocation,
  requestRevocation,
  approveRevocation,
  declineRevocation,
  reviewRevocation,
  listRevocations,
  countApprovals,
  readmitViewer,
]

export const revocationJobs: readonly AnyJob[] = [
  stopSessions,
  continueRevocation,
  carryOutSchedule,
  watchRevocations,
  finishReplacement,
]
