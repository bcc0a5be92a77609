import { admitPerson } from '#portal/modules/identity/admit-person.ts'
import { changeMember, deactivateMember, reactivateMember } from '#portal/modules/identity/change-member.ts'
import { endEverySession, endSessionsOfPerson } from '#portal/modules/identity/end-sessions-of.ts'
import { tellVendor } from '#portal/modules/identity/tell-vendor.ts'
import { resendInvitation, withdrawInvitation } from '#portal/modules/identity/tend-invitation.ts'
import {
  createOrganisation,
  listColleagues,
  listOrganisations,
} from '#portal/modules/identity/tend-organisations.ts'
import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { activeEmergency } from './active-emergency.ts'
import { createApiKey } from './create-api-key.ts'
import { destroyOldKeys } from './data-key/destroy-old-keys.ts'
import { resealJob } from './data-key/reseal-job.ts'
import { changeDataKey, readDataKeys } from './data-key/rotate-data-key.ts'
import { forgetSecrets, rotateSecret } from './data-key/rotate-secret.ts'
import { announceEmergency, closeEmergency } from './emergency-jobs.ts'
import { listEmergencyVideos, playEmergencyVideo } from './emergency-videos.ts'
import {
  approveEmergency,
  declineEmergency,
  endEmergency,
  listEmergencies,
  requestEmergency,
  reviewEmergency,
} from './grant-emergency.ts'
import { listApiKeys } from './list-api-keys.ts'
import { openStaffReview, tendReviews } from './review-jobs.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { decideGrant, endGroup, grantGroup, listStaffGroups, listStaffReviews } from './staff-groups.ts'

/** Keys, people and rights, beside one's own account. */
export const accessOperations: readonly AnyOperation[] = [
  createApiKey,
  listApiKeys,
  revokeApiKey,
  admitPerson,
  resendInvitation,
  withdrawInvitation,
  createOrganisation,
  listOrganisations,
  listColleagues,
  changeMember,
  deactivateMember,
  endSessionsOfPerson,
  endEverySession,
  reactivateMember,
  listStaffGroups,
  grantGroup,
  endGroup,
  listStaffReviews,
  decideGrant,
  openStaffReview,
  requestEmergency,
  approveEmergency,
  declineEmergency,
  endEmergency,
  reviewEmergency,
  listEmergencies,
  activeEmergency,
  listEmergencyVideos,
  playEmergencyVideo,
  changeDataKey,
  readDataKeys,
  destroyOldKeys,
  rotateSecret,
]

export const accessJobs: readonly AnyJob[] = [
  tellVendor,
  tendReviews,
  announceEmergency,
  closeEmergency,
  resealJob,
  forgetSecrets,
]
