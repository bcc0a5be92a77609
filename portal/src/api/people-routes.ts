import { z } from '@hono/zod-openapi'
import {
  changeMember,
  changeMemberInput,
  deactivateMember,
  reactivateMember,
} from '#portal/modules/identity/change-member.ts'
import {
  endEverySession,
  endEverySessionInput,
  endSessionsOfPerson,
} from '#portal/modules/identity/end-sessions-of.ts'
import { resendInvitation, withdrawInvitation } from '#portal/modules/identity/tend-invitation.ts'
import {
  createOrganisation,
  createOrganisationInput,
  listColleagues,
  listOrganisations,
} from '#portal/modules/identity/tend-organisations.ts'
import type { OperationRoute } from './operation-route.ts'

const instant = z.iso.datetime()
const idParams = z.object({ id: z.string() })
const status = <T extends string>(...words: [T, ...T[]]) =>
  z.object({ id: z.string(), status: z.enum(words) })

/** People and organisations. */
export const peopleRoutes: OperationRoute[] = [
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
    path: '/api/admin/users/{id}/end-sessions',
    summary: 'Sign a person out everywhere',
    operation: endSessionsOfPerson,
    params: idParams,
    answer: z.object({ ended: z.int() }),
  },
  {
    method: 'post',
    path: '/api/admin/sessions/end-all',
    summary: 'Sign everybody out but yourself',
    operation: endEverySession,
    body: endEverySessionInput,
    answer: z.object({ ended: z.int() }),
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
