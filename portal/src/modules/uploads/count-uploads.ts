import { and, count, gte, inArray } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import type { UploadStatus } from './rules.ts'
import { uploads, uploadTransitions } from './tables.ts'

/** What the uploads' own timeline says happened since an instant. */
export async function countUploadsSince(
  db: Db | Tx,
  from: Date,
): Promise<{ begun: number; completed: number; failed: number; cancelled: number }> {
  const [begun] = await db.select({ n: count() }).from(uploads).where(gte(uploads.createdAt, from))
  const ended = async (...statuses: UploadStatus[]) => {
    const [row] = await db
      .select({ n: count() })
      .from(uploadTransitions)
      .where(and(inArray(uploadTransitions.toStatus, statuses), gte(uploadTransitions.at, from)))
    return row?.n ?? 0
  }
  return {
    begun: begun?.n ?? 0,
    completed: await ended('ready'),
    failed: await ended('failed', 'timed_out'),
    cancelled: await ended('cancelled'),
  }
}
