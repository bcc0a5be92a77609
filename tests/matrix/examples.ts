import { getLogHead } from '../../portal/src/modules/audit/read-log.ts'
import { unsubscribeToken } from '../../portal/src/modules/notifications/unsubscribe-token.ts'
import { DEFAULT_LIMITS } from '../../portal/src/modules/sharing/share-limits.ts'
import type { TestApp } from '../support/test-app.ts'
import { emergencyOf, grantUnderReview, invitationId, staffMember } from './access-objects.ts'
import {
  confirmedCode,
  forgetFactor,
  insertColleague,
  insertPasskey,
  insertResetToken,
  insertSession,
  waitingCode,
} from './account-objects.ts'
import { insertInvitation, type Objects } from './objects.ts'
import type { User } from './people.ts'
import type { Reach } from './verdict.ts'

export type Example = {
  /** Null where the operation touches nothing that belongs to anybody. */
  reach: Reach | null
  input: (objects: Objects, t: TestApp, mine: User) => Promise<Record<string, unknown>>
  /** For lists: the verdict is whether the object of this input is shown. */
  shows?: (result: unknown, objects: { id: string }) => boolean
  /** For lists: makes the object that ought to be shown, or not. */
  listed?: (objects: Objects) => Promise<string>
  /** For what belongs to a person, not to an organisation: the command line is nobody in particular. */
  usersOnly?: true
}

/** Another organisation's thing does not exist, and a deleted one no longer, not even for staff. */
const OWN: Reach = { own: 'all', other: 'none', deleted: 'none', shared: 'none' }
/** The same, but its remains are still shown. */
const OWN_AND_ENDED: Reach = { ...OWN, deleted: 'all' }
/** The organisation's own, ended or not; any for staff. */
const OWN_OR_STAFF_AND_ENDED: Reach = { own: 'all', other: 'staff', deleted: 'all', shared: 'staff' }
const STAFF: Reach = { own: 'all', other: 'all', deleted: 'all', shared: 'all' }
/** A live link opens for whoever holds it. */
const LINK: Reach = { own: 'all', other: 'all', deleted: 'none', shared: 'all' }
/** Only by what a second person gave, which no row of the matrix has. */
const NOBODY: Reach = { own: 'none', other: 'none', deleted: 'none', shared: 'none' }
/** Only for a browser that has begun to watch; it is told of the end too. */
const WATCHING: Reach = { own: 'none', other: 'none', deleted: 'all', shared: 'all' }
/** The same, and no longer once it has ended. */
const WATCHING_NOW: Reach = { own: 'none', other: 'none', deleted: 'none', shared: 'all' }
const STOPPED: Reach = { own: 'none', other: 'none', deleted: 'all', shared: 'none' }

const nothing = async () => ({})
const contains = (result: unknown, { id }: { id: string }) => JSON.stringify(result).includes(`"${id}"`)
const list = (reach: Reach, listed: (objects: Objects) => Promise<string>): Example => ({
  reach,
  input: nothing,
  shows: contains,
  listed,
})
/** For what is asked about videos by ID: whether the one named is among the answers. */
function aboutVideos(reach: Reach, video: (objects: Objects) => Promise<string>): Example {
  let id = ''
  const listed = async (objects: Objects) => {
    id = await video(objects)
    return id
  }
  return { reach, listed, input: async () => ({ videoIds: [id] }), shows: contains, usersOnly: true }
}
const ofVideo = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ id: await objects.video(), ...more }),
})
const ofShare = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ id: (await objects.share()).id, ...more }),
})
const ofAsked = (
  reach: Reach,
  approval: 'pending' | 'approved',
  more: Record<string, unknown> = {},
): Example => ({ reach, input: async (objects) => ({ id: await objects.asked(approval), ...more }) })
const ofUpload = (reach: Reach): Example => ({
  reach,
  input: async (objects) => ({ id: await objects.upload() }),
})
const unconditional = (input: Example['input'] = nothing): Example => ({ reach: null, input })
const ofLink = (reach: Reach, more: Record<string, unknown> = {}): Example => ({
  reach,
  input: async (objects) => ({ ...(await objects.watching()), ...more }),
})
const shareId = async (objects: Objects) => (await objects.share()).id
let serial = 0
const newAddress = () => `matrix-${++serial}@example.com`

/** A genuine event about an upload that nobody here knows. Its route takes raw bytes, and a signature in a header. */
function signedWebhook(t: TestApp) {
  const id = `matrix-${++serial}`
  const upload = { id, status: 'cancelled' as const, timeout: 60, cors_origin: '*', new_asset_settings: {} }
  const text = t.mux.event('video.upload.cancelled', upload)
  const body = new TextEncoder().encode(text)
  return { body, bodyBytes: body.byteLength, signature: t.mux.sign(text, { at: t.app.clock() }) }
}

async function newestEvent(t: TestApp): Promise<string> {
  const { rows } = await t.app.pool.query(
    `select entry::jsonb ->> 'id' as id from audit_events order by seq desc limit 1`,
  )
  return rows[0].id
}

/** A signing key that somebody else has replaced after a compromise. */
async function insertReplacedKey(t: TestApp): Promise<string> {
  const id = `matrix-key-${++serial}`
  await t.app.pool.query(
    `insert into signing_keys (id, provider, private_key_sealed, created_at, retired_at, retire_reason, retired_by,
       delete_after, deleted_at) values ($1, 'mux', '', $2, $2, 'compromised', 'usr_somebody', $2, $2)`,
    [id, t.app.clock()],
  )
  return id
}

const own = (input: Example['input'] = nothing): Example => ({ ...unconditional(input), usersOnly: true })
const ownCode = own(async (_objects, t, mine) => ({ code: await confirmedCode(t, mine) }))

/** Lets a share ask for this address, and gives back its ID. */
async function invite(t: TestApp, { id }: { id: string }): Promise<string> {
  await t.app.pool.query(`update shares set access = 'email', allow = '{jo@example.org}' where id = $1`, [id])
  return id
}

/** Somebody else asked that a share live longer. */
function ofExtension(): Example {
  return {
    reach: STAFF,
    async input(objects, t) {
      const share = await objects.share()
      const id = `ext_matrix${++serial}`
      await t.app.pool.query(
        `insert into share_extensions (id, share_id, expires_at, asks, reason, asked_by, asked_at)
         select $1, id, expires_at + interval '9 days', '{life}', 'matrix', 'usr_somebody', $3 from shares where id = $2`,
        [id, share.id, t.app.clock()],
      )
      return { id, reason: 'agreed' }
    },
  }
}

/** One example input for each operation of the registry, by action: without it the matrix fails. */
export const EXAMPLES: Record<string, Example> = {
  'user.self': { ...unconditional(), usersOnly: true },
  'account.get': own(),
  'account.owed': own(),
  'account.list-sessions': own(),
  'account.rename': own(async () => ({ name: 'Another name' })),
  'account.end-session': own(async (_objects, t, mine) => ({ id: await insertSession(t, mine) })),
  'account.end-other-sessions': own(),
  'account.begin-totp': own(async (_objects, t, mine) => await forgetFactor(t, mine)),
  'account.confirm-totp': own(async (_objects, t, mine) => ({ code: await waitingCode(t, mine) })),
  'account.prove-second-factor': ownCode,
  'account.replace-recovery-codes': ownCode,
  'account.remove-totp': ownCode,
  'account.add-passkey': unconditional(async (_objects, _t, mine) => ({
    userId: mine.id,
    passkeyId: 'pky_matrix',
    sessionId: null,
  })),
  'account.rename-passkey': own(async (_objects, t, mine) => ({
    id: await insertPasskey(t, mine),
    name: 'Blue key',
  })),
  'account.remove-passkey': own(async (_objects, t, mine) => ({ id: await insertPasskey(t, mine) })),
  'account.change-password': own(async () => ({
    currentPassword: 'correct horse battery',
    newPassword: 'correct horse battery',
    endOthers: false,
  })),
  'account.request-reset': unconditional(async () => ({ email: newAddress() })),
  'account.reset-password': unconditional(async (_objects, t, mine) => ({
    token: await insertResetToken(t, mine),
    password: 'correct horse battery',
  })),
  'account.request-email-change': own(async () => ({ email: newAddress() })),
  'account.confirm-email-change': own(async () => ({
    id: 'prf_matrix',
    newCode: '123456',
    presentCode: '123456',
  })),
  'session.request-code': unconditional(async () => ({ email: newAddress() })),
  'session.sign-in-by-code': unconditional(async () => ({ id: 'prf_matrix', code: '123456' })),
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
  'user.change': unconditional(async (_objects, t) => ({ id: (await t.person('agency')).id, role: 'guest' })),
  'user.deactivate': unconditional(async (_objects, t) => ({ id: (await t.person('agency')).id })),
  'user.reactivate': unconditional(async (_objects, t) => {
    const { id } = await t.person('agency')
    await t.app.pool.query('update members set deactivated_at = now() where user_id = $1', [id])
    return { id }
  }),
  'organisation.create': unconditional(async () => ({ name: `Matrix ${++serial}` })),
  'organisation.list': unconditional(),
  'organisation.people': unconditional(),
  'staff.list': unconditional(),
  'staff.grant': unconditional(async (_objects, t) => ({
    ...(await staffMember(t, '{}')),
    reason: 'matrix of rights',
  })),
  'staff.end': unconditional(async (_objects, t) => ({
    ...(await staffMember(t, '{finance}')),
    reason: 'matrix of rights',
  })),
  'staff.list-reviews': unconditional(),
  'staff.open-review': unconditional(),
  'staff.review': unconditional(async (_objects, t) => ({
    ...(await grantUnderReview(t)),
    decision: 'keep',
    evidence: 'matrix',
  })),
  'emergency.list': unconditional(),
  'emergency.active': unconditional(),
  'emergency.request': {
    ...unconditional(async () => ({ group: 'finance', reason: 'matrix of rights' })),
    usersOnly: true,
  },
  'emergency.approve': unconditional(async (_objects, t) => ({ id: await emergencyOf(t, 'asked') })),
  'emergency.decline': unconditional(async (_objects, t) => ({ id: await emergencyOf(t, 'asked') })),
  'emergency.end': unconditional(async (_objects, t) => ({ id: await emergencyOf(t, 'running') })),
  'emergency.review': unconditional(async (_objects, t) => ({
    id: await emergencyOf(t, 'over'),
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
  'session.sign-in': unconditional(async () => ({ userId: null, ok: false })),

  'upload.start': {
    ...unconditional(async () => ({ filename: 'a.mp4', contentType: 'video/mp4', size: 1000 })),
    usersOnly: true,
  },
  'upload.get': ofUpload(OWN_AND_ENDED),
  'upload.list': list(OWN_AND_ENDED, (objects) => objects.upload()),
  'upload.resume': { ...ofUpload(OWN_AND_ENDED), usersOnly: true },
  'upload.cancel': { ...ofUpload(OWN_AND_ENDED), usersOnly: true },
  'upload.settle': unconditional(async (objects) => ({ uploadId: await objects.upload() })),

  'video.get': ofVideo(OWN),
  'video.list': list(OWN, (objects) => objects.video()),
  'video.playback-ids': aboutVideos(OWN, (objects) => objects.video()),
  'video.posters': aboutVideos(OWN, (objects) => objects.video()),
  'video.rename': ofVideo(OWN, { title: 'Another title' }),
  'video.set-chapters': ofVideo(OWN, { text: '0:00 Opening' }),
  'video.delete': ofVideo(OWN),
  'video.play': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video() }),
    usersOnly: true,
  },

  'share.create': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video(), access: 'link' }),
  },
  'share.list': { ...list(OWN_AND_ENDED, shareId), usersOnly: true },
  'share.get': ofShare(OWN_OR_STAFF_AND_ENDED),
  'share.history': ofShare(OWN_OR_STAFF_AND_ENDED),
  'share.summarise': aboutVideos(OWN_AND_ENDED, async (objects) => (await objects.share()).videoId),
  'share.admin-list': list(STAFF, shareId),
  'share.admin-count': unconditional(),
  'share.export': unconditional(),
  'share.check': unconditional(),
  'share.check-report': unconditional(),
  'share-list-view.list': unconditional(),
  'share-list-view.save': {
    ...unconditional(async () => ({ name: `View ${++serial}`, query: { status: 'active' } })),
    usersOnly: true,
  },
  'share-list-view.delete': {
    ...unconditional(async (_objects, t, mine) => {
      const id = `slv_matrix${++serial}`
      await t.app.pool.query(
        `insert into share_list_views (id, user_id, name, query, created_at, updated_at) values ($1, $2, $1, '{}', $3, $3)`,
        [id, mine.id, t.app.clock()],
      )
      return { id }
    }),
    usersOnly: true,
  },
  'share.revoke': ofShare(OWN_OR_STAFF_AND_ENDED, { reason: 'other' }),
  'share.schedule-revoke': {
    reach: OWN_OR_STAFF_AND_ENDED,
    input: async (objects, t) => ({
      id: (await objects.share()).id,
      at: new Date(t.app.clock().getTime() + 60_000).toISOString(),
      reason: 'other',
    }),
  },
  'share.cancel-schedule': ofShare(OWN_OR_STAFF_AND_ENDED),
  'video.revoke-shares': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video(), reason: 'other' }),
  },
  'revocation.preview': unconditional(async () => ({ ids: ['shr_none'] })),
  'revocation.request': {
    reach: STAFF,
    input: async (objects) => ({ ids: [await shareId(objects)], reason: 'other' }),
  },
  'revocation.approve': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'agreed',
  })),
  'revocation.decline': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'too wide',
  })),
  'revocation.review': unconditional(async (objects) => ({
    id: await objects.revocation(),
    reason: 'it was right',
    verdict: 'confirmed',
  })),
  'revocation.measurements': unconditional(),
  'revocation.list': unconditional(),
  'revocation.count': unconditional(),
  'revocation.readmit': unconditional(async () => ({ viewer: newAddress(), reason: 'a mistake' })),
  'share.download': ofLink(WATCHING_NOW),
  'share.download-state': ofLink(WATCHING_NOW),
  'share.take-download': {
    reach: { own: 'none', other: 'none', deleted: 'none', shared: 'none' },
    input: async () => ({ ticket: 'nobody was given this', cookie: null }),
  },
  'share.release-device': ofShare(OWN_OR_STAFF_AND_ENDED),
  'share.export-viewing': { ...ofShare(OWN_AND_ENDED), usersOnly: true },
  'share.summarise-viewing': {
    reach: null,
    input: async (objects) => ({ shareIds: [(await objects.share()).id] }),
  },
  'video.summarise-viewing': {
    reach: null,
    input: async (objects) => ({ videoIds: [await objects.video()] }),
  },
  'video.viewing': ofVideo(OWN),
  'video.pictures': { ...ofVideo(OWN), usersOnly: true },
  'share.viewing': { ...ofShare(OWN_AND_ENDED), usersOnly: true },
  'share.remind': {
    reach: OWN_AND_ENDED,
    input: async (objects, t) => ({ id: await invite(t, await objects.share()), email: 'jo@example.org' }),
    usersOnly: true,
  },
  'share.extend': {
    reach: OWN_OR_STAFF_AND_ENDED,
    input: async (objects, t) => ({
      id: (await objects.share()).id,
      expiresAt: new Date(t.app.clock().getTime() + 20 * 86_400_000).toISOString(),
      reason: 'The season lasts a month.',
    }),
  },
  'share.list-extensions': unconditional(),
  'share.approve-extension': ofExtension(),
  'share.decline-extension': ofExtension(),
  'share.approve': ofAsked(STAFF, 'pending', { reason: 'agreed' }),
  'share.decline': ofAsked(STAFF, 'pending', { reason: 'too wide' }),
  'share.collect': { ...ofAsked(OWN, 'approved'), usersOnly: true },
  'share.explain': ofShare(OWN_OR_STAFF_AND_ENDED, { email: 'jo@example.org' }),
  'video.explain': ofVideo(OWN),
  'share-limits.get': unconditional(),
  'share-limits.history': unconditional(),
  'share-limits.set': unconditional(async (_objects, t) => {
    const { rows } = await t.app.pool.query('select coalesce(max(version), 0) as version from share_limits')
    return { ...DEFAULT_LIMITS, version: rows[0].version }
  }),
  'share.open': ofLink(LINK),
  'share.verify': ofLink(LINK),
  'share.watch-state': ofLink(WATCHING),
  'playback.progress': ofLink(WATCHING, { run: 'matrix-progress', seq: 1, segments: [[0, 1]] }),
  'playback.issue': ofLink(LINK),
  'playback.stopped': ofLink(STOPPED),
  // It refuses nobody: whoever may not see the picture is told of none.
  'viewer.poster': {
    ...ofLink(WATCHING_NOW),
    listed: async () => 'poster',
    shows: (result) => result !== null,
  },
  'viewer.read-record': ofLink(WATCHING),
  'viewer.record-copied': ofLink(WATCHING),
  'viewer.object': ofLink(WATCHING),
  'viewer.forget': unconditional(),

  'signing-key.list': unconditional(),
  'signing-key.create': unconditional(),
  'signing-key.rotate': unconditional(async () => ({ reason: 'requested' })),
  'signing-key.review': unconditional(async (_objects, t) => ({ id: await insertReplacedKey(t) })),

  'webhook.receive': unconditional(async (_objects, t) => signedWebhook(t)),
  'webhook.list': unconditional(),
  'webhook.list-rejections': unconditional(),
  'notification.preferences': { ...unconditional(), usersOnly: true },
  'notification.set-preferences': {
    ...unconditional(async () => ({ expiry: 'daily' })),
    usersOnly: true,
  },
  'notification.unsubscribe': unconditional(async (_objects, t, mine) => ({
    token: unsubscribeToken(t.app.keys, mine.id),
  })),
  'outbox.list': unconditional(),

  'audit.search': unconditional(),
  'audit.export': unconditional(),
  'audit.download': unconditional(),
  'audit.read': unconditional(async (_objects, t) => {
    await t.app.call(getLogHead, {}, t.app.newContext({ kind: 'command', id: 'matrix' }))
    return { path: 'checkpoint' }
  }),
  'audit.head': unconditional(),
  'audit.receipt': unconditional(async (_objects, t) => ({ id: await newestEvent(t) })),
}
