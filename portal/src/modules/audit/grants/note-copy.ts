import { and, eq, isNull, lte, or } from 'drizzle-orm'
import type { Db } from '#portal/platform/db.ts'
import { HOUR_MS } from '../rules.ts'
import { logGrants } from './tables.ts'

/** Whether a copy that is drawn by this grant is to be noted in the log now: once an hour. */
export async function noteCopy(db: Db, grantId: string, now: Date): Promise<boolean> {
  const noted = await db
    .update(logGrants)
    .set({ copiedAt: now })
    .where(
      and(
        eq(logGrants.id, grantId),
        or(isNull(logGrants.copiedAt), lte(logGrants.copiedAt, new Date(now.getTime() - HOUR_MS))),
      ),
    )
    .returning({ id: logGrants.id })
  return noted.length === 1
}
