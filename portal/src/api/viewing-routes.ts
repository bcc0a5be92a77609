import { z } from '@hono/zod-openapi'
import { setRecordingInput, viewingInput } from '#portal/modules/analytics/inputs.ts'
import { getRecording, setRecording } from '#portal/modules/analytics/set-recording.ts'
import { getShareViewing } from '#portal/modules/analytics/share-viewing.ts'
import { getVideoViewing } from '#portal/modules/analytics/video-viewing.ts'
import { pictureUrls } from '#portal/modules/playback/picture-urls.ts'
import {
  approveExtension,
  declineExtension,
  listExtensions,
} from '#portal/modules/sharing/decide-extension.ts'
import { extendShare } from '#portal/modules/sharing/extend-share.ts'
import { decideShareInput, extendShareInput, remindViewerInput } from '#portal/modules/sharing/inputs.ts'
import { remindViewer } from '#portal/modules/sharing/remind-viewer.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'

const instant = z.iso.datetime()

const heatSchema = z.array(
  z.object({
    fromSeconds: z.number(),
    toSeconds: z.number(),
    viewers: z.int(),
    replays: z.number(),
    playedSeconds: z.number(),
  }),
)

const whoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('address'), address: z.string() }),
  z.object({ kind: z.literal('unnamed'), number: z.int() }),
  z.object({ kind: z.literal('objected') }),
])

const shareViewingSchema = z
  .object({
    shareId: z.string(),
    durationSeconds: z.number().nullable(),
    recorded: z.boolean(),
    viewers: z.array(
      z.object({
        who: whoSchema,
        firstAt: instant,
        lastAt: instant,
        times: z.int(),
        watching: z.boolean(),
        fraction: z.number().nullable(),
        playedSeconds: z.number().nullable(),
      }),
    ),
    viewerCount: z.int(),
    heat: heatSchema,
    notWatched: z.array(
      z.object({
        address: z.string(),
        remindedAt: instant.nullable(),
        reminders: z.int(),
        mayRemind: z.boolean(),
      }),
    ),
    refusals: z.array(z.object({ reason: z.string(), count: z.int(), lastAt: instant })),
  })
  .openapi('ShareViewing')

const extendedSchema = z
  .object({
    id: z.string(),
    status: z.literal('extended'),
    expiresAt: instant,
    maxViews: z.int().nullable(),
  })
  .openapi('ExtendedShare')

const askedExtensionSchema = z
  .object({
    id: z.string(),
    status: z.literal('pending_approval'),
    extensionId: z.string(),
    asks: z.array(z.string()),
  })
  .openapi('AskedExtension')

const waitingExtensionSchema = z.object({
  id: z.string(),
  shareId: z.string(),
  videoTitle: z.string(),
  organisationName: z.string(),
  askedByName: z.string().nullable(),
  expiresAt: instant,
  maxViews: z.int().nullable(),
  asks: z.array(z.string()),
  reason: z.string(),
  askedAt: instant,
})

const id = z.object({ id: z.string().max(64) })

/** What the owner of a share sees of watching, and does about it. */
export const viewingRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/organisation/recording',
    summary: 'Whether anything is kept of how your organisation’s links are watched',
    operation: getRecording,
    answer: z.object({ recording: z.boolean(), setByName: z.string().nullable(), setAt: instant.nullable() }),
  },
  {
    method: 'put',
    path: '/api/organisation/recording',
    summary: 'Switch the keeping of watching for all links of your organisation',
    operation: setRecording,
    body: setRecordingInput,
    answer: setRecordingInput,
  },
  {
    method: 'get',
    path: '/api/shares/{id}/viewing',
    summary: 'Who watched how much of a share',
    operation: getShareViewing,
    params: viewingInput,
    answer: shareViewingSchema,
  },
  {
    method: 'get',
    path: '/api/videos/{id}/viewing',
    summary: 'How a video was watched, over all of its shares',
    operation: getVideoViewing,
    params: viewingInput,
    answer: z
      .object({ durationSeconds: z.number().nullable(), viewerCount: z.int(), heat: heatSchema })
      .openapi('VideoViewing'),
  },
  {
    method: 'get',
    path: '/api/videos/{id}/pictures',
    summary: 'Poster and storyboard of a video of your own',
    operation: pictureUrls,
    params: viewingInput,
    answer: z.object({ posterUrl: z.url(), storyboardUrl: z.url() }),
  },
  {
    method: 'post',
    path: '/api/shares/{id}/remind',
    summary: 'Remind an invited address that has not watched',
    operation: remindViewer,
    params: id,
    body: remindViewerInput.omit({ id: true }),
    answer: z.object({ id: z.string(), remindedAt: instant }),
    before: [limitTo('remind')],
  },
  {
    method: 'post',
    path: '/api/shares/{id}/extend',
    summary: 'Let a share live longer, or be watched more often',
    operation: extendShare,
    params: id,
    body: extendShareInput.omit({ id: true }),
    answer: extendedSchema,
    accepted: {
      answer: askedExtensionSchema,
      when: (share: { status: string }) => share.status === 'pending_approval',
    },
  },
  {
    method: 'get',
    path: '/api/admin/share-extensions',
    summary: 'Extensions that wait for a second person',
    operation: listExtensions,
    answer: z.object({ items: z.array(waitingExtensionSchema) }),
  },
  {
    method: 'post',
    path: '/api/admin/share-extensions/{id}/approve',
    summary: 'Agree, as a second person, to a longer life or more views',
    operation: approveExtension,
    params: id,
    body: decideShareInput.omit({ id: true }),
    answer: z.object({ id: z.string(), status: z.enum(['approved', 'declined']) }),
  },
  {
    method: 'post',
    path: '/api/admin/share-extensions/{id}/decline',
    summary: 'Decline it',
    operation: declineExtension,
    params: id,
    body: decideShareInput.omit({ id: true }),
    answer: z.object({ id: z.string(), status: z.enum(['approved', 'declined']) }),
  },
]
