import { z } from '@hono/zod-openapi'
import { listEmergencyVideos, playEmergencyVideo } from '#portal/modules/access/emergency-videos.ts'
import {
  approveEmergency,
  declineEmergency,
  endEmergency,
  listEmergencies,
  requestEmergency,
  reviewEmergency,
} from '#portal/modules/access/grant-emergency.ts'
import { requestEmergencyInput, reviewEmergencyInput } from '#portal/modules/access/inputs.ts'
import { STAFF_GROUPS } from '#portal/platform/context.ts'
import type { OperationRoute } from './operation-route.ts'
import { pageOf, playbackSchema, videoSchema } from './schemas.ts'

const instant = z.iso.datetime()
const idParams = z.object({ id: z.string() })
const status = <T extends string>(...words: [T, ...T[]]) =>
  z.object({ id: z.string(), status: z.enum(words) })
const groupSchema = z.enum(STAFF_GROUPS)

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

/** Emergency access. */
export const emergencyRoutes: OperationRoute[] = [
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
