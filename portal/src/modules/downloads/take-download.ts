import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { shareFacts, viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { App } from '#portal/platform/app.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { downloads } from './tables.ts'

/** What a spent ticket opens. */
export type TakenDownload = {
  id: string
  title: string
  rendition: string
  playbackId: string
  fileName: string
  /** The copy with its watermark; null: the rendition itself. */
  objectKey: string | null
}

/** Spends a ticket, in the browser that asked for it: once, however many come with it at once. */
export const takeDownload = verb({
  action: 'share.take-download',
  input: z.strictObject({ ticket: z.string().max(64), cookie: z.string().max(200).nullable() }),
  allow: { anyone: true },
  async run({ tx, input, ctx }) {
    const unknown = { type: 'download', id: 'unknown' }
    const [spent] = await tx
      .update(downloads)
      .set({ ticketHash: null, ticketExpiresAt: null, taken: sql`${downloads.taken} + 1` })
      .where(
        and(
          eq(downloads.ticketHash, hashToken(input.ticket)),
          gt(downloads.ticketExpiresAt, ctx.now),
          eq(downloads.status, 'ready'),
        ),
      )
      .returning()
    if (!spent?.fileName) throw new Refusal('no_ticket', unknown)
    const [row] = await tx
      .select({
        title: videoFacts.title,
        playbackId: videoFacts.playbackId,
        cookieHash: viewerFacts.cookieHash,
      })
      .from(shareFacts)
      .innerJoin(viewerFacts, eq(viewerFacts.id, spent.viewerSessionId))
      .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
      .where(and(eq(shareFacts.id, spent.shareId), stillAllowed(ctx.now)))
    const target = { type: 'share', id: spent.shareId }
    const actor = { kind: 'viewer', id: spent.viewerSessionId } as const
    if (!row?.playbackId) throw new Refusal('revoked', target, actor)
    if (!input.cookie || !row.cookieHash.equals(hashToken(input.cookie)))
      throw new Refusal('other_browser', target, actor)
    const { id, rendition, fileName, objectKey } = spent
    return {
      result: {
        id,
        title: row.title,
        rendition,
        playbackId: row.playbackId,
        fileName,
        objectKey,
      } as TakenDownload,
      change: { target, actor, details: { download_id: id, rendition, watermark: spent.watermark } },
    }
  },
})

const stillAllowed = (now: Date) =>
  and(
    isNull(shareFacts.revokedAt),
    gt(shareFacts.expiresAt, now),
    isNull(viewerFacts.endedAt),
    gt(viewerFacts.expiresAt, now),
    isNull(videoFacts.deletedAt),
  )

/** Whether a copy may go on being sent, or made; asked again and again while it is. */
export async function isStillAllowed(app: App, downloadId: string): Promise<boolean> {
  const [row] = await app.db
    .select({ id: downloads.id })
    .from(downloads)
    .innerJoin(shareFacts, eq(shareFacts.id, downloads.shareId))
    .innerJoin(viewerFacts, eq(viewerFacts.id, downloads.viewerSessionId))
    .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
    .where(and(eq(downloads.id, downloadId), isNull(downloads.removedAt), stillAllowed(app.clock())))
  return row !== undefined
}
