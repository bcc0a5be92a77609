import { randomBytes } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import type { Context } from '#portal/platform/context.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { OpenedShare, ViewerRow } from './load-share.ts'
import { VIEWER_SESSION_HOURS } from './rules.ts'
import { viewerSessions } from './tables.ts'

/**
 * This browser's live session towards the share, opened where it has none: it lasts twelve hours, or as long as the
 * share. One cookie serves all shares of a browser; `newCookie` is set where it had none yet.
 */
export async function ensureViewer(
  tx: Tx,
  ctx: Context,
  opened: OpenedShare,
  cookie: string | null,
): Promise<{ viewer: ViewerRow; newCookie: string | null }> {
  const { viewer: known, share } = opened
  if (known && !known.endedAt && known.expiresAt > ctx.now) return { viewer: known, newCookie: null }
  // A session that is over keeps its history, for its viewer to read, and gives the cookie free for the next one.
  if (known)
    await tx
      .update(viewerSessions)
      .set({ cookieHash: randomBytes(32), pastCookieHash: known.cookieHash })
      .where(eq(viewerSessions.id, known.id))

  const value = cookie ?? newToken()
  const end = Math.min(share.expiresAt.getTime(), ctx.now.getTime() + VIEWER_SESSION_HOURS * 3_600_000)
  const [viewer] = await tx
    .insert(viewerSessions)
    .values({
      id: ctx.newId('vwr'),
      shareId: share.id,
      cookieHash: hashToken(value),
      createdAt: ctx.now,
      expiresAt: new Date(end),
      playbackClaim: newToken(),
      objectedAt: known?.objectedAt ?? null,
    })
    .onConflictDoNothing()
    .returning()
  return { viewer: viewer ?? (await madeElsewhere(tx, share.id, value)), newCookie: cookie ? null : value }
}

/** Another tab of this browser came through the gate at the same moment: its session is this one's too. */
async function madeElsewhere(tx: Tx, shareId: string, cookie: string): Promise<ViewerRow> {
  const [viewer] = await tx
    .select()
    .from(viewerSessions)
    .where(and(eq(viewerSessions.shareId, shareId), eq(viewerSessions.cookieHash, hashToken(cookie))))
  if (!viewer) throw new Error('the viewer session was neither inserted nor there')
  return viewer
}
