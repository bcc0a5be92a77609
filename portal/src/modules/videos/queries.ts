import { and, desc, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Actor } from '#portal/platform/context.ts'
import { decodeInstant } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VideoRow, videos } from './tables.ts'

/** The rows that an actor may know of: those of their organisation; a command sees all; others none. */
function inScopeOf(actor: Actor): SQL | undefined {
  if (actor.kind === 'command') return undefined
  return actor.kind === 'user' ? eq(videos.organisationId, actor.organisationId) : sql`false`
}

/**
 * A video of the actor's organisation that is not deleted.
 * @throws AppError not_found for anything else
 */
export async function loadOwnVideo(tx: Tx, actor: Actor, id: string, lock?: 'for update'): Promise<VideoRow> {
  const query = tx
    .select()
    .from(videos)
    .where(and(eq(videos.id, id), isNull(videos.deletedAt), inScopeOf(actor)))
  const [row] = lock ? await query.for('update') : await query
  if (!row) throw new AppError('not_found', 'There is no such video.')
  return row
}

/** One row more than `limit`, newest first, from a cursor on. */
export async function listOwnVideos(
  tx: Tx,
  actor: Actor,
  page: { cursor?: string | undefined; limit: number },
): Promise<VideoRow[]> {
  const from = page.cursor ? decodeInstant(page.cursor) : null
  return await tx
    .select()
    .from(videos)
    .where(
      and(
        isNull(videos.deletedAt),
        inScopeOf(actor),
        from
          ? or(
              lt(videos.createdAt, from.instant),
              and(eq(videos.createdAt, from.instant), lt(videos.id, from.id)),
            )
          : undefined,
      ),
    )
    .orderBy(desc(videos.createdAt), desc(videos.id))
    .limit(page.limit + 1)
}
