import { and, asc, eq, gt, inArray, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { memberFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { emailAddress } from '#portal/modules/identity/inputs.ts'
import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { read } from '#portal/platform/operation.ts'
import type { Explanation } from './answers.ts'
import { barredAmong, personHash } from './bar-viewer.ts'
import { explainAudience, explainShare } from './explain-access.ts'
import { policyOf, type ShareRow } from './load-share.ts'
import { loadScopedShare } from './revoke-share.ts'
import type { Circumstances } from './rules.ts'
import { shares, viewerSessions } from './tables.ts'

/** The address of a what-if is asked in a body and kept nowhere. */
export const whoCanWatchInput = z.strictObject({ id: z.string().max(64), email: emailAddress.optional() })

export type SharedWith = {
  shareId: string
  /** False while the token has not been made: nobody holds the link. */
  exists: boolean
  audiences: Explanation[]
  /** What would happen if the asked address came; null where none was asked. */
  whatIf: Explanation | null
}

/** Who could watch by one share now, by which rule, and what would happen if one address tried. */
export const explainOneShare = read({
  action: 'share.explain',
  input: whoCanWatchInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor, keys }): Promise<SharedWith> {
    const share = await loadScopedShare(db, actor, input.id)
    const video = await loadVideoState(db, actor, share.videoId)
    return await explained(db, keys, share, video, ctx, input.email)
  },
})

export type VideoWatchers = {
  /** People of the organisation, who need no share. */
  members: { id: string; name: string; role: string }[]
  /** Every share that could let somebody in, now or once it opens. */
  shares: SharedWith[]
}

/** The most live shares that are explained at once; a video with more shows its newest. */
const MOST_SHARES = 200

/** Who could watch a video now, by which share or membership. */
export const explainVideo = read({
  action: 'video.explain',
  input: whoCanWatchInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor, keys }): Promise<VideoWatchers> {
    const video = await loadOwnVideo(db, actor, input.id)
    const live = await db
      .select()
      .from(shares)
      .where(and(eq(shares.videoId, video.id), isNull(shares.revokedAt), gt(shares.expiresAt, ctx.now)))
      .orderBy(asc(shares.createdAt))
      .limit(MOST_SHARES)
    const members = await db
      .select({ id: memberFacts.userId, name: personFacts.name, role: memberFacts.role })
      .from(memberFacts)
      .innerJoin(personFacts, eq(personFacts.id, memberFacts.userId))
      .where(
        and(
          eq(memberFacts.organisationId, video.organisationId),
          inArray(memberFacts.role, ['agency', 'admin']),
        ),
      )
      .orderBy(asc(personFacts.name))
    const state = { deletedAt: video.deletedAt, playbackId: video.playbackId }
    const explanations: SharedWith[] = []
    for (const share of live) explanations.push(await explained(db, keys, share, state, ctx, input.email))
    return { members, shares: explanations }
  },
})

async function loadVideoState(db: Tx, actor: Actor, videoId: string) {
  // Whoever may see the share may know of its video, deleted or not.
  const video = await loadOwnVideo(db, { kind: 'command', id: actor.id }, videoId).catch((error) => {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  })
  return video
    ? { deletedAt: video.deletedAt, playbackId: video.playbackId }
    : { deletedAt: new Date(0), playbackId: null }
}

async function explained(
  db: Tx,
  keys: Keys,
  share: ShareRow,
  video: { deletedAt: Date | null; playbackId: string | null },
  at: Circumstances,
  email: string | undefined,
): Promise<SharedWith> {
  const subject = { policy: policyOf(share), video }
  // The country of whoever asks says nothing about those who would watch.
  const when = { now: at.now, country: null }
  const named = share.allow.filter((entry) => !entry.startsWith('@'))
  const barred = await barredAmong(db, keys, email ? [...named, email] : named)
  return {
    shareId: share.id,
    exists: share.approval === 'open',
    audiences: explainShare(subject, when, barred),
    whatIf: email
      ? explainAudience(subject, { kind: 'address', address: email }, when, {
          viewStarted: false,
          counted: await hasBegun(db, keys, share.id, email),
          barred: barred.has(email),
        })
      : null,
  }
}

async function hasBegun(db: Tx, keys: Keys, shareId: string, email: string): Promise<boolean> {
  const [row] = await db
    .select({ id: viewerSessions.id })
    .from(viewerSessions)
    .where(
      and(
        eq(viewerSessions.shareId, shareId),
        eq(viewerSessions.emailHash, personHash(keys, email)),
        isNotNull(viewerSessions.emailVerifiedAt),
        isNotNull(viewerSessions.viewStartedAt),
      ),
    )
    .limit(1)
  return row !== undefined
}
