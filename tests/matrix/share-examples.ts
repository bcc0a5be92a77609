import { DEFAULT_LIMITS } from '../../portal/src/modules/sharing/share-limits.ts'
import type { TestApp } from '../support/test-app.ts'
import {
  aboutVideos,
  type Example,
  list,
  nextSerial,
  OWN,
  OWN_AND_ENDED,
  OWN_OR_STAFF_AND_ENDED,
  ofAsked,
  ofShare,
  ofVideo,
  own,
  STAFF,
  shareId,
  unconditional,
} from './example.ts'

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
      const id = `ext_matrix${nextSerial()}`
      await t.app.pool.query(
        `insert into share_extensions (id, share_id, expires_at, asks, reason, asked_by, asked_at)
         select $1, id, expires_at + interval '9 days', '{life}', 'matrix', 'usr_somebody', $3 from shares where id = $2`,
        [id, share.id, t.app.clock()],
      )
      return { id, reason: 'agreed' }
    },
  }
}

/** Shares, by their owner and by staff. */
export const SHARE_EXAMPLES: Record<string, Example> = {
  'share.create': {
    reach: OWN,
    input: async (objects) => ({ videoId: await objects.video(), access: 'link' }),
  },
  'share.change': ofShare(OWN_AND_ENDED, { note: 'Another note', analytics: false }),
  'share.list': { ...list(OWN_AND_ENDED, shareId), usersOnly: true },
  'share.get': ofShare(OWN_OR_STAFF_AND_ENDED),
  'share.history': ofShare(OWN_OR_STAFF_AND_ENDED),
  'share.summarise': aboutVideos(OWN_AND_ENDED, async (objects) => (await objects.share()).videoId),
  'share.admin-list': list(STAFF, shareId),
  'share.admin-count': unconditional(),
  'share.export': unconditional(),
  // Each live link's video would be asked after at the video service: one link is enough here.
  'share.check': unconditional(async (_objects, t) => {
    await t.app.pool.query(
      `update shares set revoked_at = $1, revoke_reason = 'other' where revoked_at is null`,
      [t.app.clock()],
    )
    return {}
  }),
  'share.check-report': unconditional(),
  'share-list-view.list': unconditional(),
  'share-list-view.save': {
    ...unconditional(async () => ({ name: `View ${nextSerial()}`, query: { status: 'active' } })),
    usersOnly: true,
  },
  'share-list-view.delete': {
    ...unconditional(async (_objects, t, mine) => {
      const id = `slv_matrix${nextSerial()}`
      await t.app.pool.query(
        `insert into share_list_views (id, user_id, name, query, created_at, updated_at) values ($1, $2, $1, '{}', $3, $3)`,
        [id, mine.id, t.app.clock()],
      )
      return { id }
    }),
    usersOnly: true,
  },
  'share.release-device': ofShare(OWN_OR_STAFF_AND_ENDED),
  'analytics.recording': own(),
  'analytics.set-recording': own(async () => ({ recording: true })),
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
}
