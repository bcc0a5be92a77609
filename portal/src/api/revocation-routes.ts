import { z } from '@hono/zod-openapi'
import { readMeasurements } from '#portal/modules/reliability/probe/read-measurements.ts'
import { readmitViewer, readmitViewerInput } from '#portal/modules/sharing/bar-viewer.ts'
import {
  approveRevocation,
  declineRevocation,
  reviewRevocation,
  reviewRevocationInput,
} from '#portal/modules/sharing/decide-revocation.ts'
import { decideShareInput, shareIdInput } from '#portal/modules/sharing/inputs.ts'
import {
  countApprovals,
  listRevocations,
  listRevocationsInput,
} from '#portal/modules/sharing/list-revocations.ts'
import {
  previewRevocation,
  requestRevocation,
  requestRevocationFields,
} from '#portal/modules/sharing/request-revocation.ts'
import { revokeVideoShares, revokeVideoSharesInput } from '#portal/modules/sharing/revoke-video-shares.ts'
import {
  cancelScheduledRevoke,
  scheduleRevoke,
  scheduleRevokeInput,
} from '#portal/modules/sharing/schedule-revoke.ts'
import { selectionShape } from '#portal/modules/sharing/select-shares.ts'
import type { OperationRoute } from './operation-route.ts'
import { pageOf } from './schemas.ts'

const instant = z.iso.datetime()
const reach = z.object({ shares: z.int(), watching: z.int() })

const outcomeSchema = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'done']),
    shares: z.int(),
    players: z.int(),
    confirmed: z.boolean(),
    boundSeconds: z.int(),
    actedMs: z.int(),
    confirmedMs: z.int().nullable(),
    replacedPlaybackIds: z.int(),
    review: z.enum(['open']).nullable(),
  })
  .openapi('RevocationOutcome')

const askedSchema = reach
  .extend({ id: z.string(), status: z.enum(['pending_approval']), expiresAt: instant })
  .openapi('AskedRevocation')

const revocationSchema = z
  .object({
    id: z.string(),
    emergency: z.boolean(),
    of: z.enum(['video', 'owner', 'viewer', 'links']),
    name: z.string().nullable(),
    reason: z.string(),
    note: z.string().nullable(),
    status: z.enum(['pending', 'running', 'done', 'declined', 'lapsed']),
    askedAt: instant,
    askedByName: z.string().nullable(),
    mine: z.boolean(),
    sharesAsked: z.int(),
    watchingAsked: z.int(),
    now: reach.nullable(),
    decideUntil: instant,
    decidedByName: z.string().nullable(),
    decidedAt: instant.nullable(),
    decisionReason: z.string().nullable(),
    sharesStopped: z.int(),
    playersStopped: z.int(),
    actedAt: instant.nullable(),
    confirmed: z.boolean(),
    replacedPlaybackIds: z.int(),
    review: z.enum(['open', 'confirmed', 'disputed']).nullable(),
    reviewedByName: z.string().nullable(),
    reviewedAt: instant.nullable(),
    reviewReason: z.string().nullable(),
  })
  .openapi('Revocation')

const histogramSchema = z
  .object({
    count: z.int(),
    p50: z.int().nullable(),
    p99: z.int().nullable(),
    max: z.int().nullable(),
    boundMs: z.int(),
    beyond: z.int(),
    classes: z.array(z.object({ upToMs: z.int().nullable(), count: z.int(), beyond: z.boolean() })),
  })
  .openapi('Histogram')

const measurementsSchema = z
  .object({
    provider: z.enum(['engine', 'mux']),
    everyMinutes: z.int(),
    runs: z.int(),
    failed: z.int(),
    last: z
      .object({
        ranAt: instant,
        stopMs: z.int().nullable(),
        mediaMs: z.int().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    stop: histogramSchema,
    media: histogramSchema,
    players: histogramSchema,
  })
  .openapi('RevokeMeasurements')

const decision = decideShareInput.omit({ id: true })

/** An owner's own: all links of a video at once, and one link at an instant. */
export const ownRevocationRoutes: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/videos/{videoId}/shares/revoke',
    summary: 'Take back every link of a video',
    operation: revokeVideoShares,
    params: z.object({ videoId: z.string().max(64) }),
    body: revokeVideoSharesInput.omit({ videoId: true }),
    answer: z.object({
      id: z.string(),
      status: z.enum(['revoked']),
      shares: z.int(),
      players: z.int(),
      confirmed: z.boolean(),
      boundSeconds: z.int(),
    }),
  },
  {
    method: 'post',
    path: '/api/shares/{id}/schedule-revoke',
    summary: 'Take a link back at an instant',
    operation: scheduleRevoke,
    params: shareIdInput,
    body: scheduleRevokeInput.omit({ id: true }),
    answer: z.object({ id: z.string(), status: z.enum(['scheduled']), at: instant }),
  },
  {
    method: 'delete',
    path: '/api/shares/{id}/schedule-revoke',
    summary: 'Cancel a scheduled revoke',
    operation: cancelScheduledRevoke,
    params: shareIdInput,
    answer: z.object({ id: z.string(), status: z.enum(['cancelled']), expiresAt: instant }),
  },
]

/** Staff's: switched by ADMIN_SHARE_UI_ENABLED. */
export const revocationRoutes: OperationRoute[] = [
  {
    method: 'post',
    path: '/api/admin/share-tokens/revoke/preview',
    summary: 'What a revoke of many links, or of one person, would stop',
    operation: previewRevocation,
    body: z.strictObject(selectionShape),
    answer: reach,
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/revoke',
    summary: 'Take back many links, or stop one person: after a second person, or at once in an emergency',
    operation: requestRevocation,
    body: requestRevocationFields,
    answer: outcomeSchema,
    accepted: {
      answer: askedSchema,
      when: (asked: { status: string }) => asked.status === 'pending_approval',
    },
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/readmit',
    summary: 'Lift the bar on a person',
    operation: readmitViewer,
    body: readmitViewerInput,
    answer: z.object({ id: z.string(), status: z.enum(['lifted']) }),
  },
  {
    method: 'get',
    path: '/api/admin/revocations',
    summary: 'Revokes of many links: what waits for a second person, or all',
    operation: listRevocations,
    query: listRevocationsInput,
    answer: pageOf(revocationSchema),
  },
  {
    method: 'get',
    path: '/api/admin/revocations/count',
    summary: 'How much waits for a second person',
    operation: countApprovals,
    answer: z.object({ revocations: z.int(), shares: z.int() }),
  },
  {
    method: 'get',
    path: '/api/admin/revocations/measurements',
    summary: 'How soon playback ended after a revoke, measured by a probe and by players',
    operation: readMeasurements,
    answer: measurementsSchema,
  },
  {
    method: 'post',
    path: '/api/admin/revocations/{id}/approve',
    summary: 'Agree to a revoke of many links: it acts at once',
    operation: approveRevocation,
    params: shareIdInput,
    body: decision,
    answer: outcomeSchema,
  },
  {
    method: 'post',
    path: '/api/admin/revocations/{id}/decline',
    summary: 'Decline a revoke of many links',
    operation: declineRevocation,
    params: shareIdInput,
    body: decision,
    answer: z.object({ id: z.string(), status: z.enum(['declined']) }),
  },
  {
    method: 'post',
    path: '/api/admin/revocations/{id}/review',
    summary: 'Say, as a second person, whether an emergency was right',
    operation: reviewRevocation,
    params: shareIdInput,
    body: reviewRevocationInput.omit({ id: true }),
    answer: z.object({ id: z.string(), review: z.enum(['confirmed', 'disputed']) }),
  },
]
