import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { closeLogAccess, expireLogAccess, tellLogAccess } from './access-jobs.ts'
import { giveFirstLogAccess, giveLogAccess } from './give-access.ts'
import { getOwnLogAccess, listLogAccess } from './list-access.ts'
import { approveLogAccess, declineLogAccess, endLogAccess, requestLogAccess } from './request-access.ts'
import { decideLogReview, exportLogReview, listLogReviews, openLogReview } from './review-access.ts'
import { tendLogAccess } from './tend-access.ts'

/** Who may read the log, and the quarterly look at that. */
export const logAccessOperations: readonly AnyOperation[] = [
  getOwnLogAccess,
  listLogAccess,
  requestLogAccess,
  approveLogAccess,
  declineLogAccess,
  endLogAccess,
  giveFirstLogAccess,
  giveLogAccess,
  expireLogAccess,
  openLogReview,
  listLogReviews,
  decideLogReview,
  exportLogReview,
]

export const logAccessJobs: readonly AnyJob[] = [tellLogAccess, closeLogAccess, tendLogAccess]
