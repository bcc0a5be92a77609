import { and, eq, inArray, isNotNull, isNull, lte, or } from 'drizzle-orm'
import { z } from 'zod'
import { shareFacts, viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import { job } from '#portal/platform/job.ts'
import { downloads } from './tables.ts'

const AT_ONCE = 200

/**
 * Deletes copies whose day is over, and those of links, viewers and videos that are gone; a revoke orders this at
 * once (see migration 0050). The file goes first: a row is marked only when nothing is left behind it.
 */
export const sweepDownloads = job({
  name: 'downloads.sweep',
  input: z.strictObject({}),
  maxAttempts: 10,
  schedule: '*/5 * * * *',
  async run({ app }) {
    for (;;) {
      const now = app.clock()
      const over = await app.db
        .select({ id: downloads.id, objectKey: downloads.objectKey })
        .from(downloads)
        .innerJoin(shareFacts, eq(shareFacts.id, downloads.shareId))
        .innerJoin(viewerFacts, eq(viewerFacts.id, downloads.viewerSessionId))
        .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
        .where(
          and(
            isNull(downloads.removedAt),
            or(
              lte(downloads.expiresAt, now),
              isNotNull(shareFacts.revokedAt),
              isNotNull(viewerFacts.endedAt),
              isNotNull(videoFacts.deletedAt),
            ),
          ),
        )
        .limit(AT_ONCE)
      for (const { objectKey } of over) if (objectKey) await app.ports.storage.delete(objectKey)
      if (over.length > 0)
        await app.db
          .update(downloads)
          .set({ status: 'removed', removedAt: now, ticketHash: null, ticketExpiresAt: null })
          .where(
            inArray(
              downloads.id,
              over.map(({ id }) => id),
            ),
          )
      if (over.length < AT_ONCE) return
    }
  },
})
