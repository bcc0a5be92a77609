import { issuePlayback } from '../../portal/src/modules/playback/issue-playback.ts'
import { uploadUrlPlace } from '../../portal/src/modules/uploads/start-upload.ts'
import { ANONYMOUS } from '../../portal/src/platform/context.ts'
import { hashToken, newToken, seal } from '../../portal/src/platform/crypto.ts'
import type { TestApp } from '../support/test-app.ts'
import type { User } from './people.ts'

/**
 * One column of the matrix: whose object it is, and in what state. `shared` is another organisation's, and the
 * person who asks has been let in by its link.
 */
export const OBJECTS = ['own', 'other', 'deleted', 'shared'] as const
export type ObjectKind = (typeof OBJECTS)[number]

/** Fresh objects for one cell; each is made when an example asks for it, so that no cell disturbs another. */
export type Objects = {
  video(): Promise<string>
  share(): Promise<{ id: string; token: string; videoId: string }>
  /** A share beyond the limits, at this step of its approval. */
  asked(approval: 'pending' | 'approved'): Promise<string>
  /** A revoke of many links that waits for a second person. */
  revocation(): Promise<string>
  /** Cookie of a browser: for `shared` and `deleted` one that has begun to watch that share, else an unknown one. */
  watching(): Promise<{ token: string; cookie: string }>
  /** An API key of that person; for `deleted` a revoked one. */
  apiKey(): Promise<string>
  /** An upload job that waits for its bytes; for `deleted` a cancelled one. */
  upload(): Promise<string>
}

/** Objects of this kind as seen by a person who belongs to `mine`. */
export function objectsFor(t: TestApp, kind: ObjectKind, mine: User, stranger: User): Objects {
  const owner = kind === 'own' || kind === 'deleted' ? mine : stranger
  const video = () => t.video(owner, `Video ${kind}`)
  const liveShare = async () => {
    const videoId = await video()
    return { ...(await insertShare(t, owner, videoId)), videoId }
  }
  const revoke = (id: string) =>
    t.app.pool.query(
      `with ended as (update viewer_sessions set ended_at = $2 where share_id = $1)
       update shares set revoked_at = $2, revoke_reason = 'other', revoked_by = 'matrix' where id = $1`,
      [id, t.app.clock()],
    )
  return {
    async video() {
      const id = await video()
      if (kind === 'deleted')
        await t.app.pool.query(`update videos set status = 'deleted', deleted_at = $2 where id = $1`, [
          id,
          t.app.clock(),
        ])
      return id
    },
    async share() {
      const share = await liveShare()
      if (kind === 'deleted') await revoke(share.id)
      return share
    },
    async asked(approval) {
      const share = await liveShare()
      await t.app.pool.query('update shares set approval = $2, token_hash = null where id = $1', [
        share.id,
        approval,
      ])
      if (kind === 'deleted') await revoke(share.id)
      return share.id
    },
    async revocation() {
      const { id: shareId } = await liveShare()
      const id = t.app.newContext(owner).newId('rvk')
      await t.app.pool.query(
        `insert into revocations (id, emergency, share_ids, reason, asked_by, asked_at, shares_asked, watching_asked, status, decide_until)
         values ($1, false, array[$2], 'other', 'matrix', $3, 1, 0, 'pending', $4)`,
        [id, shareId, t.app.clock(), new Date(t.app.clock().getTime() + 60_000)],
      )
      return id
    },
    async watching() {
      const { id, token } = await liveShare()
      if (kind === 'own' || kind === 'other') return { token, cookie: newToken() }
      const visitor = t.app.newContext(ANONYMOUS)
      const { newCookie } = await t.app.call(issuePlayback, { token, cookie: null }, visitor)
      if (kind === 'deleted') await revoke(id)
      return { token, cookie: newCookie ?? '' }
    },
    apiKey: () => insertApiKey(t, owner, kind === 'deleted'),
    upload: () => insertUpload(t, owner, kind === 'deleted' ? 'cancelled' : 'created'),
  }
}

/** A link that anybody may open for a week. Straight into the table: most cells need one, and few ask how it was made. */
async function insertShare(t: TestApp, owner: User, videoId: string): Promise<{ id: string; token: string }> {
  const id = t.app.newContext(owner).newId('shr')
  const token = newToken()
  await t.app.pool.query(
    `insert into shares (id, video_id, organisation_id, created_by, access, token_hash, download, created_at, expires_at, region)
     values ($1, $2, $3, $4, 'link', $5, 'highest', $6, $6::timestamptz + interval '7 days', 'AU')`,
    [id, videoId, owner.organisationId, owner.id, hashToken(token), t.app.clock()],
  )
  return { id, token }
}

async function insertUpload(t: TestApp, owner: User, status: 'created' | 'cancelled'): Promise<string> {
  const ctx = t.app.newContext(owner)
  const id = ctx.newId('upl')
  const videoId = ctx.newId('vid')
  const at = t.app.clock()
  const gone = status === 'cancelled'
  await t.app.pool.query(
    `with video as (insert into videos (id, organisation_id, owner_id, title, status, provider, created_at, deleted_at, checked_at)
       values ($2, $3, $4, 'Waiting', $5, 'mux', $6, $7, $6) returning id)
     insert into uploads (id, video_id, organisation_id, owner_id, filename, content_type, size_bytes, upload_url, status, created_at, updated_at, checked_at)
     select $1, id, $3, $4, 'clip.mp4', 'video/mp4', 1000, $9, $8, $6, $6, $6 from video`,
    [
      ...[
        id,
        videoId,
        owner.organisationId,
        owner.id,
        gone ? 'deleted' : 'waiting',
        at,
        gone ? at : null,
        status,
      ],
      seal(t.app.keys.seal, 'https://uploads.example/1', uploadUrlPlace(id)),
    ],
  )
  return id
}

/** An invitation that waits for its person, and the token in its link. */
export async function insertInvitation(t: TestApp, inviter: User): Promise<string> {
  const token = newToken()
  const id = t.app.newContext(inviter).newId('inv')
  const at = t.app.clock()
  await t.app.pool.query(
    `insert into invitations (id, token_hash, email, organisation_id, role, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, 'agency', $5, $6, $7)`,
    [
      id,
      hashToken(token),
      `${id.toLowerCase()}@example.com`,
      inviter.organisationId,
      inviter.id,
      at,
      new Date(at.getTime() + 60_000),
    ],
  )
  return token
}

async function insertApiKey(t: TestApp, owner: User, revoked: boolean): Promise<string> {
  const id = t.app.newContext(owner).newId('apk')
  const at = t.app.clock()
  // Straight into the table: nobody may have as many live keys as the matrix has cells.
  await t.app.pool.query(
    `insert into api_keys (id, owner_id, name, key_hash, last_four, scopes, created_by, created_at, expires_at, revoked_at, revoked_by)
     values ($1, $2, 'Matrix', $3, 'abcd', '{video.list}', $2, $4, $4::timestamptz + interval '1 day', $5, $6)`,
    [id, owner.id, hashToken(newToken()), at, revoked ? at : null, revoked ? owner.id : null],
  )
  return id
}
