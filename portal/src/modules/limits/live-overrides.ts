import { and, eq, gt, isNull } from 'drizzle-orm'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import type { Db } from '#portal/platform/db.ts'
import type { LimitClass } from './rules.ts'
import { limitOverrides } from './tables.ts'

/** Each costs a little at every check of its class. */
export const MOST_LIVE = 1000

export type LiveOverride = {
  id: string
  class: LimitClass
  kind: 'user' | 'organisation' | 'share'
  /** As the caller is known by: for a link the hash of its token, in hex. */
  subject: string
  quota: number
  expiresAt: Date
}

/** Overrides that were agreed to and run. */
export async function listLiveOverrides(db: Pick<Db, 'select'>, now: Date): Promise<LiveOverride[]> {
  const rows = await db
    .select({ row: limitOverrides, tokenHash: shareFacts.tokenHash })
    .from(limitOverrides)
    .leftJoin(
      shareFacts,
      and(eq(limitOverrides.subjectKind, 'share'), eq(shareFacts.id, limitOverrides.subjectId)),
    )
    .where(
      and(
        eq(limitOverrides.decision, 'approved'),
        isNull(limitOverrides.endedAt),
        gt(limitOverrides.expiresAt, now),
      ),
    )
    .orderBy(limitOverrides.expiresAt)
    .limit(MOST_LIVE)
  return rows.flatMap(({ row, tokenHash }) => {
    const subject = row.subjectKind === 'share' ? tokenHash?.toString('hex') : row.subjectId
    return subject
      ? [
          {
            id: row.id,
            class: row.limitClass,
            kind: row.subjectKind,
            subject,
            quota: row.quota,
            expiresAt: row.expiresAt,
          },
        ]
      : []
  })
}
