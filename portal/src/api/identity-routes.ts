import { z } from '@hono/zod-openapi'
import { acceptInvitation } from '#portal/modules/identity/accept-invitation.ts'
import { acceptInvitationInput, inviteUserInput, pageInput } from '#portal/modules/identity/inputs.ts'
import { inviteUser } from '#portal/modules/identity/invite-user.ts'
import { listInvitations, listUsers } from '#portal/modules/identity/queries.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import { pageOf, personSchema } from './schemas.ts'

export const identityRoutes: OperationRoute[] = [
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
    before: [limitTo('join')],
  },
]
