import { eq, inArray, lt, sql } from 'drizzle-orm'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ViewerRecord } from './answers.ts'
import { fractionSeen, startOfPart } from './rules.ts'
import { viewerProgress } from './tables.ts'

/** All that the owner's side keeps of how one viewer session watched; null where there is nothing. */
export async function viewerRecord(tx: Tx, viewerSessionId: string): Promise<ViewerRecord | null> {
  const [row] = await tx
    .select()
    .from(viewerProgress)
    .where(eq(viewerProgress.viewerSessionId, viewerSessionId))
  if (!row) return null
  const { parts, durationMs } = row
  return {
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    playedSeconds: parts.reduce((sum, ms) => sum + ms, 0) / 1000,
    fractionSeen: fractionSeen(parts, durationMs),
    furthestSeconds: row.furthestMs / 1000,
    parts: parts.flatMap((ms, part) =>
      ms === 0
        ? []
        : [
            {
              fromSeconds: startOfPart(part, parts.length, durationMs) / 1000,
              toSeconds: startOfPart(part + 1, parts.length, durationMs) / 1000,
              playedSeconds: ms / 1000,
            },
          ],
    ),
  }
}

/** Erases it. What the viewer's page reports later is kept only if they have not objected. */
export async function eraseViewerRecord(tx: Tx, viewerSessionId: string): Promise<void> {
  await tx.delete(viewerProgress).where(eq(viewerProgress.viewerSessionId, viewerSessionId))
}

/** The same for every visit of links that ended before `ended`, at most `limit` of them. @returns how many */
export async function eraseEndedRecords(tx: Tx, ended: Date, limit: number): Promise<number> {
  const theirs = tx
    .select({ id: viewerProgress.viewerSessionId })
    .from(viewerProgress)
    .innerJoin(shareFacts, eq(shareFacts.id, viewerProgress.shareId))
    .where(lt(sql`coalesce(${shareFacts.revokedAt}, ${shareFacts.expiresAt})`, ended.toISOString()))
    .limit(limit)
  const { rowCount } = await tx.delete(viewerProgress).where(inArray(viewerProgress.viewerSessionId, theirs))
  return rowCount ?? 0
}
