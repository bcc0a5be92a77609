import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm'
import { viewersOf } from '#portal/modules/sharing/person-viewers.ts'
import { viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { type Eraser, told } from '#portal/platform/erasure.ts'
import { sweepDownloads } from './sweep-downloads.ts'
import { downloads } from './tables.ts'

/**
 * Copies bear the viewer's address in their picture. Their visits have ended: the sweep deletes each file, then marks
 * its row; the erasure is not over while a file of an ended visit is left.
 */
export const copyEraser: Eraser = {
  step: 'downloads',
  async erase({ tx, keys, person, enqueue }) {
    const ids = await viewersOf(tx, keys, person)
    if (ids.length === 0) return []
    const theirs = await tx
      .update(downloads)
      .set({ ticketHash: null, ticketExpiresAt: null })
      .where(and(inArray(downloads.viewerSessionId, ids), isNull(downloads.removedAt)))
      .returning({ id: downloads.id })
    if (theirs.length > 0) await enqueue(sweepDownloads, {}, { key: 'downloads.sweep:erased' })
    return told('downloads', 'deleted', theirs.length)
  },
  async isSettled(app) {
    const [left] = await app.db
      .select({ id: downloads.id })
      .from(downloads)
      .innerJoin(viewerFacts, eq(viewerFacts.id, downloads.viewerSessionId))
      .where(and(isNull(downloads.removedAt), isNotNull(viewerFacts.endedAt)))
      .limit(1)
    return left === undefined
  },
}
