import { z } from '@hono/zod-openapi'
import { createApiKey } from '#portal/modules/access/create-api-key.ts'
import { listEmergencyVideos, playEmergencyVideo } from '#portal/modules/access/emergency-videos.ts'
import {
  approveEmergency,
  declineEmergency,
  endEmergency,
  listEmergencies,
  requestEmergency,
  reviewEmergency,
} from '#portal/modules/access/grant-emergency.ts'
import {
  createApiKeyInput,
  decideGrantInput,
  requestEmergencyInput,
  reviewEmergencyInput,
  staffGroupInput,
} from '#portal/modules/access/inputs.ts'
import { listApiKeys } from '#portal/modules/access/list-api-keys.ts'
import { revokeApiKey } from '#portal/modules/access/revoke-api-key.ts'
import {
  decideGrant,
  endGroup,
  grantGroup,
  listStaffGroups,
  listStaffReviews,
} from '#portal/modules/access/staff-groups.ts'
import {
  changeMember,
  changeMemberInput,
  deactivateMember,
  reactivateMember,
} from '#portal/modules/identity/change-member.ts'
import { resendInvitation, withdrawInvitation } from '#portal/modules/identity/tend-invitation.ts'
import {
  createOrganisation,
  createOrganisationInput,
  listColleagues,
  listOrganisations,
} from '#portal/modules/identity/tend-organisations.ts'
import { STAFF_GROUPS } from '#portal/platform/context.ts'
import type { OperationRoute } from './operation-route.ts'
import { pageOf, playbackSchema, videoSchema } from './schemas.ts'

const instant = z.iso.datetime()
const idParams = z.object({ id: z.string() })

const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    owner: z.string(),
    shown: z.string(),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: instant,
    expiresAt: instant,
    lastUsedOn: z.iso.date().nullable(),
    revokedAt: instant.nullable(),
  })
  .openapi('ApiKey')

const newApiKeySchema = z
  .object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    expiresAt: instant,
  })
  .openapi('NewApiKey')

const keyRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/account/keys',
    summary: 'Your API keys, without the keys themselves',
    operation: listApiKeys,
    answer: z.array(apiKeySchema),
  },
  {
    method: 'post',
    path: '/api/account/keys',
    summary: 'Make an API key; it is shown this once',
    operation: createApiKey,
    body: createApiKeyInput.omit({ owner: true }),
    answer: newApiKeySchema,
    status: 201,
  },
  {
    method: 'post',
    path: '/api/account/keys/{id}/revoke',
    summary: 'End an API key at once: your own, or as an administrator anybody’s',
    operation: revokeApiKey,
    params: idParams,
    answer: z.object({ id: z.string(), status: z.literal('revoked') }),
  },
]

const status = <T extends string>(...words: [T, ...T[]]) =>
  z.object({ id: z.string(), status: z.enum(words) })
const groupSchema = z.enum(STAFF_GROUPS)
const groupChangeSchema = z.object({ userId: z.string(), group: groupSchema })

const peopleRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/organisation/people',
    summary: 'The people of your organisation',
    operation: listColleagues,
    answer: z.array(z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() })),
  },
  {
    method: 'get',
    path: '/api/admin/organisations',
    summary: 'Every organisation',
    operation: listOrganisations,
    answer: z.array(
      z.object({ id: z.string(), name: z.string(), region: z.string(), createdAt: instant, people: z.int() }),
    ),
  },
  {
    method: 'post',
    path: '/api/admin/organisations',
    summary: 'Make an organisation',
    operation: createOrganisation,
    body: createOrganisationInput,
    answer: z.object({ id: z.string(), name: z.string(), region: z.string() }),
    status: 201,
  },
  {
    method: 'post',
    path: '/api/admin/invitations/{id}/resend',
    summary: 'Mail an invitation again, with a new link',
    operation: resendInvitation,
    params: idParams,
    answer: z.object({
      id: z.string(),
      url: z.url(),
      email: z.string(),
      role: z.string(),
      expiresAt: instant,
    }),
  },
  {
    method: 'post',
    path: '/api/admin/invitations/{id}/withdraw',
    summary: 'Take an invitation back',
    operation: withdrawInvitation,
    params: idParams,
    answer: status('withdrawn'),
  },
  {
    method: 'patch',
    path: '/api/admin/users/{id}',
    summary: 'Change a person’s role or organisation',
    operation: changeMember,
    params: idParams,
    body: changeMemberInput.omit({ id: true }),
    answer: z.object({ id: z.string(), role: z.string(), organisationId: z.string() }),
  },
  {
    method: 'post',
    path: '/api/admin/users/{id}/deactivate',
    summary: 'Let a person in no more; sessions and keys end at once',
    operation: deactivateMember,
    params: idParams,
    answer: status('deactivated').extend({ sessionsEnded: z.int(), keysEnded: z.int() }),
  },
  {
    method: 'post',
    path: '/api/admin/users/{id}/reactivate',
    summary: 'Let a deactivated person in again',
    operation: reactivateMember,
    params: idParams,
    answer: status('active'),
  },
]

const staffRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/staff',
    summary: 'Administrators and their staff groups',
    operation: listStaffGroups,
    answer: z.array(
      z.object({ id: z.string(), name: z.string(), email: z.string(), groups: z.array(groupSchema) }),
    ),
  },
  {
    method: 'post',
    path: '/api/admin/staff/grant',
    summary: 'Put an administrator into a staff group',
    operation: grantGroup,
    body: staffGroupInput,
    answer: groupChangeSchema,
  },
  {
    method: 'post',
    path: '/api/admin/staff/end',
    summary: 'Take an administrator out of a staff group',
    operation: endGroup,
    body: staffGroupInput,
    answer: groupChangeSchema,
  },
  {
    method: 'get',
    path: '/api/admin/staff/reviews',
    summary: 'Quarterly reviews of staff groups',
    operation: listStaffReviews,
    answer: z.array(z.record(z.string(), z.unknown())),
  },
  {
    method: 'post',
    path: '/api/admin/staff/reviews/{reviewId}',
    summary: 'Keep or end one grant under review',
    operation: decideGrant,
    params: z.object({ reviewId: z.string() }),
    body: decideGrantInput.omit({ reviewId: true }),
    answer: z.object({ decision: z.enum(['keep', 'revoke']), closed: z.boolean() }),
  },
]

const emergencySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mine: z.boolean(),
    group: groupSchema.nullable(),
    organisationId: z.string().nullable(),
    organisation: z.string().nullable(),
    reason: z.string(),
    minutes: z.int(),
    status: z.enum(['pending', 'lapsed', 'declined', 'running', 'to_review', 'reviewed']),
    requestedAt: instant,
    decidedBy: z.string().nullable(),
    endsAt: instant.nullable(),
    review: z.enum(['justified', 'not_justified']).nullable(),
    reviewNote: z.string().nullable(),
  })
  .openapi('EmergencyAccess')
const decidedEmergency = status('approved', 'declined').extend({ endsAt: instant.nullable() })

const emergencyRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/emergency',
    summary: 'Emergency accesses, newest first',
    operation: listEmergencies,
    answer: z.array(emergencySchema),
  },
  {
    method: 'post',
    path: '/api/admin/emergency',
    summary: 'Ask for emergency access',
    operation: requestEmergency,
    body: requestEmergencyInput,
    answer: status('pending'),
    status: 201,
  },
  {
    method: 'post',
    path: '/api/admin/emergency/{id}/approve',
    summary: 'Agree to an emergency access, as a second person',
    operation: approveEmergency,
    params: idParams,
    answer: decidedEmergency,
  },
  {
    method: 'post',
    path: '/api/admin/emergency/{id}/decline',
    summary: 'Decline an emergency access',
    operation: declineEmergency,
    params: idParams,
    answer: decidedEmergency,
  },
  {
    method: 'post',
    path: '/api/admin/emergency/{id}/end',
    summary: 'End an emergency access now',
    operation: endEmergency,
    params: idParams,
    answer: status('ended'),
  },
  {
    method: 'post',
    path: '/api/admin/emergency/{id}/review',
    summary: 'Review an emergency access that is over, as a third person',
    operation: reviewEmergency,
    params: idParams,
    body: reviewEmergencyInput.omit({ id: true }),
    answer: z.object({ id: z.string(), verdict: z.enum(['justified', 'not_justified']) }),
  },
  {
    method: 'get',
    path: '/api/admin/emergency/{id}/videos',
    summary: 'Videos of the organisation that your emergency access opens',
    operation: listEmergencyVideos,
    params: idParams,
    answer: pageOf(videoSchema),
  },
  {
    method: 'post',
    path: '/api/admin/emergency/{id}/videos/{videoId}/play',
    summary: 'Play one of them',
    operation: playEmergencyVideo,
    params: idParams.extend({ videoId: z.string() }),
    answer: playbackSchema,
  },
]

/** Keys of programs, people and organisations, staff groups, emergency access. */
export const accessRoutes: OperationRoute[] = [
  ...keyRoutes,
  ...peopleRoutes,
  ...staffRoutes,
  ...emergencyRoutes,
]
