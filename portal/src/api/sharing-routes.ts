import { z } from '@hono/zod-openapi'
import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import { changeShare } from '#portal/modules/sharing/change-share.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { approveShare, collectShare, declineShare } from '#portal/modules/sharing/decide-share.ts'
import {
  adminListSharesInput,
  changeShareInput,
  createShareInput,
  decideShareInput,
  listSharesInput,
  revokeShareInput,
  shareHistoryInput,
  shareIdInput,
} from '#portal/modules/sharing/inputs.ts'
import { adminListShares, getShare, listShares } from '#portal/modules/sharing/queries.ts'
import { releaseDevice } from '#portal/modules/sharing/release-device.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import {
  getShareLimits,
  listShareLimits,
  setShareLimits,
  setShareLimitsInput,
} from '#portal/modules/sharing/set-share-limits.ts'
import { getShareHistory } from '#portal/modules/sharing/share-history.ts'
import { explainOneShare, explainVideo, whoCanWatchInput } from '#portal/modules/sharing/who-can-watch.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import {
  askedShareSchema,
  decidedShareSchema,
  historyEventSchema,
  limitsSchema,
  newShareSchema,
  pageOf,
  playbackSchema,
  revokedSchema,
  shareDetailSchema,
  sharedWithSchema,
  shareSchema,
  videoWatchersSchema,
} from './schemas.ts'
import { staffOnly } from './staff-only.ts'

const video = z.object({ videoId: z.string().max(64) })

export const sharingRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/shares',
    summary: "The organisation's shares",
    operation: listShares,
    query: listSharesInput,
    answer: pageOf(shareSchema),
  },
  {
    method: 'get',
    path: '/api/shares/{id}',
    summary: 'One share with its viewers',
    operation: getShare,
    params: shareIdInput,
    answer: shareDetailSchema,
  },
  {
    method: 'patch',
    path: '/api/shares/{id}',
    summary: 'Change the note of a live link, or whether watching it is kept',
    operation: changeShare,
    params: shareIdInput,
    body: changeShareInput.omit({ id: true }),
    answer: z.object({ id: z.string(), note: z.string().nullable(), analytics: z.boolean() }),
  },
  {
    method: 'post',
    path: '/api/shares/{id}/revoke',
    summary: 'Take a link back',
    operation: revokeShare,
    params: shareIdInput,
    body: revokeShareInput.omit({ id: true }),
    answer: revokedSchema,
  },
  {
    method: 'post',
    path: '/api/shares/{id}/release-device',
    summary: 'Let another device take the place of the one that opened a link first',
    operation: releaseDevice,
    params: shareIdInput,
    answer: z.object({ id: z.string(), stoppedPlayers: z.int() }),
  },
  {
    method: 'post',
    path: '/api/videos/{videoId}/shares',
    summary: 'Make a link to a video',
    operation: createShare,
    params: video,
    body: createShareInput.omit({ videoId: true }),
    answer: newShareSchema,
    status: 201,
    accepted: {
      answer: askedShareSchema,
      when: (share: { status: string }) => share.status === 'pending_approval',
    },
  },
  {
    method: 'post',
    path: '/api/shares/{id}/collect',
    summary: 'Fetch the link of an approved share, once',
    operation: collectShare,
    params: shareIdInput,
    answer: newShareSchema,
  },
  {
    method: 'post',
    path: '/api/shares/{id}/explain',
    summary: 'Who could watch by this link now, and why; what if one address tried',
    operation: explainOneShare,
    params: shareIdInput,
    body: whoCanWatchInput.omit({ id: true }),
    answer: sharedWithSchema,
  },
  {
    method: 'post',
    path: '/api/videos/{id}/explain',
    summary: 'Who could watch this video now, and why',
    operation: explainVideo,
    params: shareIdInput,
    body: whoCanWatchInput.omit({ id: true }),
    answer: videoWatchersSchema,
  },
  {
    method: 'get',
    path: '/api/share-limits',
    summary: 'Floors and ceilings of new shares',
    operation: getShareLimits,
    answer: limitsSchema,
  },
  {
    method: 'get',
    path: '/api/shares/{id}/history',
    summary: 'What happened to a share, from the audit log',
    operation: getShareHistory,
    params: shareIdInput,
    query: shareHistoryInput.omit({ id: true }),
    answer: pageOf(historyEventSchema),
  },
  {
    method: 'post',
    path: '/api/videos/{videoId}/playback',
    summary: 'Watch a video of your own',
    operation: playOwnVideo,
    params: video,
    answer: playbackSchema,
    before: [limitTo('preview')],
  },
]

// Their operations serve owners too, by other routes; under /api/admin an owner has no business.
const staff = [limitTo('api'), staffOnly]

/** Switched by ADMIN_SHARE_UI_ENABLED. */
export const adminShareRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/share-tokens',
    summary: 'Every share',
    operation: adminListShares,
    query: adminListSharesInput,
    answer: pageOf(shareSchema),
  },
  {
    method: 'get',
    path: '/api/admin/share-tokens/{id}',
    summary: 'One share with its viewers',
    operation: getShare,
    params: shareIdInput,
    answer: shareDetailSchema,
    before: staff,
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/{id}/revoke',
    summary: 'Take a link back',
    operation: revokeShare,
    params: shareIdInput,
    body: revokeShareInput.omit({ id: true }),
    answer: revokedSchema,
    before: staff,
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/{id}/approve',
    summary: 'Agree, as a second person, to a link beyond the limits',
    operation: approveShare,
    params: shareIdInput,
    body: decideShareInput.omit({ id: true }),
    answer: decidedShareSchema,
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/{id}/decline',
    summary: 'Decline a link beyond the limits',
    operation: declineShare,
    params: shareIdInput,
    body: decideShareInput.omit({ id: true }),
    answer: decidedShareSchema,
  },
  {
    method: 'get',
    path: '/api/admin/share-limits/history',
    summary: 'Who set which floors and ceilings, and when',
    operation: listShareLimits,
    answer: z.object({
      items: z.array(
        limitsSchema
          .extend({ setByName: z.string().nullable(), setAt: z.iso.datetime() })
          .openapi('LimitsVersion'),
      ),
    }),
  },
  {
    method: 'put',
    path: '/api/admin/share-limits',
    summary: 'Set floors and ceilings of new shares',
    operation: setShareLimits,
    body: setShareLimitsInput,
    answer: limitsSchema,
  },
]
