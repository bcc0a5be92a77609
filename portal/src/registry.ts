import { searchAudit } from './modules/audit/queries.ts'
import { getLogHead, getReceipt, readLog } from './modules/audit/read-log.ts'
import { acceptInvitation } from './modules/identity/accept-invitation.ts'
import { createUser } from './modules/identity/create-user.ts'
import { inviteUser } from './modules/identity/invite-user.ts'
import { countMembers, getSelf, listInvitations, listUsers } from './modules/identity/queries.ts'
import { recordSignIn } from './modules/identity/record-sign-in.ts'
import { notificationJobs } from './modules/notifications/jobs.ts'
import { issuePlayback } from './modules/playback/issue-playback.ts'
import { playOwnVideo } from './modules/playback/play-own-video.ts'
import { createShare } from './modules/sharing/create-share.ts'
import { openShare } from './modules/sharing/open-share.ts'
import { adminListShares, getShare, listShares } from './modules/sharing/queries.ts'
import { revokeShare } from './modules/sharing/revoke-share.ts'
import { getShareHistory } from './modules/sharing/share-history.ts'
import { stopSessions } from './modules/sharing/stop-sessions.ts'
import { verifyViewer } from './modules/sharing/verify-viewer.ts'
import { confirmBlack, getWatchState } from './modules/sharing/watch-stop.ts'
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
  // sharing
  createShare,
  listShares,
  getShare,
  getShareHistory,
  adminListShares,
  revokeShare,
  openShare,
  verifyViewer,
  getWatchState,
  confirmBlack,
  // playback
  issuePlayback,
  playOwnVideo,
  // audit
  searchAudit,
  readLog,
  getLogHead,
  getReceipt,
]

/** Everything the queue runs. */
export const jobs: readonly AnyJob[] = [stopSessions, ...notificationJobs]
