import { OpenAPIHono, z } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { acceptInvitation } from '#portal/modules/identity/accept-invitation.ts'
import type { Auth } from '#portal/modules/identity/auth.ts'
import { acceptInvitationInput, inviteUserInput, pageInput } from '#portal/modules/identity/inputs.ts'
import { inviteUser } from '#portal/modules/identity/invite-user.ts'
import { listInvitations, listUsers } from '#portal/modules/identity/queries.ts'
import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import {
  adminListSharesInput,
  createShareInput,
  listSharesInput,
  revokeShareInput,
  shareIdInput,
} from '#portal/modules/sharing/inputs.ts'
import { adminListShares, getShare, listShares } from '#portal/modules/sharing/queries.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { mountAuth } from './auth-door.ts'
import { mountCron } from './cron-door.ts'
import { mountHealth } from './health-door.ts'
import { type OperationRoute, operationRoute } from './operation-route.ts'
import { originGuard } from './origin-guard.ts'
import { problemResponse } from './problem.ts'
import { LIMITS, limitTo } from './rate-limit.ts'
import { type Env, requestContext } from './request-context.ts'
import {
  newShareSchema,
  pageOf,
  personSchema,
  playbackSchema,
  revokedSchema,
  shareDetailSchema,
  shareSchema,
} from './schemas.ts'
import { mountShareDoor } from './share-door.ts'

const BODY_LIMIT_BYTES = 1024 * 1024
const id = z.object({ id: z.string().max(64) })
const video = z.object({ videoId: z.string().max(64) })

/** The HTTP surface that is one operation a route; what needs more has a door of its own. */
const routes: OperationRoute[] = [
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
    method: 'post',
    path: '/api/shares/{id}/revoke',
    summary: 'Take a link back',
    operation: revokeShare,
    params: id,
    body: revokeShareInput.omit({ id: true }),
    answer: revokedSchema,
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
  },
  {
    method: 'post',
    path: '/api/videos/{videoId}/playback',
    summary: 'Watch a video of your own',
    operation: playOwnVideo,
    params: video,
    answer: playbackSchema,
    before: [limitTo(LIMITS.playback, 'user')],
  },
  {
    method: 'get',
    path: '/api/admin/users',
    summary: 'Everybody with an account',
    operation: listUsers,
    query: pageInput,
    answer: pageOf(personSchema),
  },
  {
    method: 'get',
    path: '/api/admin/invitations',
    summary: 'Open invitations',
    operation: listInvitations,
    answer: z.array(personSchema),
  },
  {
    method: 'post',
    path: '/api/admin/invitations',
    summary: 'Invite a person',
    operation: inviteUser,
    body: inviteUserInput,
    answer: z.object({
      id: z.string(),
      url: z.url(),
      email: z.string(),
      role: z.string(),
      expiresAt: z.iso.datetime(),
    }),
    status: 201,
  },
  {
    method: 'post',
    path: '/api/invitations/accept',
    summary: 'Turn an invitation into an account',
    operation: acceptInvitation,
    body: acceptInvitationInput,
    answer: z.object({ id: z.string(), email: z.string() }),
    status: 201,
    before: [limitTo(LIMITS.join, 'ip')],
  },
]

const adminShareRoutes: OperationRoute[] = [
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
  },
  {
    method: 'post',
    path: '/api/admin/share-tokens/{id}/revoke',
    summary: 'Take a link back',
    operation: revokeShare,
    params: id,
    body: revokeShareInput.omit({ id: true }),
    answer: revokedSchema,
  },
]

/** The whole HTTP surface beside pages and the engine. */
export function createApi(app: App, auth: Auth): OpenAPIHono<Env> {
  const api = new OpenAPIHono<Env>({
    strict: false,
    defaultHook: (result) => {
      if (result.success) return
      const errors = result.error.issues.map((issue) => ({
        path: issue.path.join('.') || 'body',
        message: issue.message,
      }))
      throw new AppError('invalid', errors.map((e) => `${e.path}: ${e.message}`).join('; '), { errors })
    },
  })
  api.onError(problemResponse)
  api.notFound((c) => problemResponse(new AppError('not_found'), c))
  api.use(requestContext(app), originGuard, bodyLimit({ maxSize: BODY_LIMIT_BYTES }))

  mountHealth(api)
  mountAuth(api, app, auth)
  mountShareDoor(api)
  mountCron(api)
  const shown = app.settings.ADMIN_SHARE_UI_ENABLED ? [...routes, ...adminShareRoutes] : routes
  for (const route of shown)
    operationRoute(api, { ...route, before: route.before ?? [limitTo(LIMITS.api, 'ip')] })

  api.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Motion Mavericks Portal',
      version: '0.1.0',
      description: 'Share confidential video, and prove who could see it.',
    },
    servers: [{ url: app.settings.PUBLIC_URL }],
  })
  return api
}
