import { emergencyOf, grantUnderReview, invitationId, staffMember } from './access-objects.ts'
import { insertColleague } from './account-objects.ts'
import {
  type Example,
  list,
  NOBODY,
  newAddress,
  nextSerial,
  OWN_AND_ENDED,
  unconditional,
} from './example.ts'
import { insertInvitation } from './objects.ts'

/** People, organisations, staff groups, emergency access, API keys. */
export const ACCESS_EXAMPLES: Record<string, Example> = {
  'user.reset-second-factor': unconditional(async (_objects, t, mine) => ({
    id: await insertColleague(t, mine),
    reason: 'lost the phone',
  })),
  'user.list': unconditional(),
  'user.list-invitations': unconditional(),
  'user.count': unconditional(),
  'user.invite': unconditional(async () => ({ email: newAddress(), organisation: 'Matrix' })),
  'user.join': unconditional(async (_objects, t, mine) => ({
    token: await insertInvitation(t, mine),
    name: 'New person',
    password: 'correct horse battery',
  })),
  'user.create': unconditional(async () => ({
    email: newAddress(),
    name: 'New person',
    password: 'correct horse battery',
    role: 'agency',
    organisation: 'Matrix',
  })),
  'user.resend-invitation': unconditional(async (_objects, t, mine) => ({ id: await invitationId(t, mine) })),
  'user.withdraw-invitation': unconditional(async (_objects, t, mine) => ({
    id: await invitationId(t, mine),
  })),
  'user.change': unconditional(async (_objects, t, mine) => ({
    id: await insertColleague(t, mine),
    role: 'guest',
  })),
  'user.end-sessions': unconditional(async (_objects, t, mine) => ({ id: await insertColleague(t, mine) })),
  // So long ago that nobody of the matrix is signed out by it.
  'user.end-every-session': unconditional(async () => ({ reason: 'matrix', before: '2000-01-01T00:00:00Z' })),
  'user.deactivate': unconditional(async (_objects, t, mine) => ({ id: await insertColleague(t, mine) })),
  'user.reactivate': unconditional(async (_objects, t, mine) => {
    const id = await insertColleague(t, mine)
    await t.app.pool.query('update members set deactivated_at = now() where user_id = $1', [id])
    return { id }
  }),
  'organisation.create': unconditional(async () => ({ name: `Matrix ${nextSerial()}` })),
  'organisation.list': unconditional(),
  'organisation.people': unconditional(),
  'staff.list': unconditional(),
  'staff.grant': unconditional(async (_objects, t, mine) => ({
    ...(await staffMember(t, mine, '{}')),
    reason: 'matrix of rights',
  })),
  'staff.end': unconditional(async (_objects, t, mine) => ({
    ...(await staffMember(t, mine, '{finance}')),
    reason: 'matrix of rights',
  })),
  'staff.list-reviews': unconditional(),
  'staff.open-review': unconditional(),
  'staff.review': unconditional(async (_objects, t, mine) => ({
    ...(await grantUnderReview(t, mine)),
    decision: 'keep',
    evidence: 'matrix',
  })),
  'emergency.list': unconditional(),
  'emergency.active': unconditional(),
  'emergency.request': {
    ...unconditional(async () => ({ group: 'finance', reason: 'matrix of rights' })),
    usersOnly: true,
  },
  'emergency.approve': unconditional(async (_objects, t, mine) => ({
    id: await emergencyOf(t, mine, 'asked'),
  })),
  'emergency.decline': unconditional(async (_objects, t, mine) => ({
    id: await emergencyOf(t, mine, 'asked'),
  })),
  'emergency.end': unconditional(async (_objects, t, mine) => ({
    id: await emergencyOf(t, mine, 'running'),
  })),
  'emergency.review': unconditional(async (_objects, t, mine) => ({
    id: await emergencyOf(t, mine, 'over'),
    verdict: 'justified',
    note: 'matrix',
  })),
  // Nobody in the matrix holds a grant: whatever the role, there is none to read by.
  'emergency.videos': { reach: NOBODY, input: async () => ({ id: 'emg_none' }) },
  'emergency.play': { reach: NOBODY, input: async () => ({ id: 'emg_none', videoId: 'vid_none' }) },
  'user.admit': unconditional(async (_objects, t, mine) => {
    const email = (await t.app.pool.query('select email from users where id = $1', [mine.id])).rows[0].email
    return { provider: 'oidc:https://id.example.com', vendorUserId: mine.id, email, name: 'Member' }
  }),
  'api-key.create': {
    ...unconditional(async () => ({ name: 'Nightly', scopes: ['video.list'] })),
    usersOnly: true,
  },
  'api-key.list': { ...list(OWN_AND_ENDED, (objects) => objects.apiKey()), usersOnly: true },
  'api-key.revoke': {
    reach: { own: 'all', other: 'staff', deleted: 'none', shared: 'staff' },
    input: async (objects) => ({ id: await objects.apiKey() }),
  },
}
