import { desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import { signingKeys } from './tables.ts'
import { rotationDue } from './tend-signing-keys.ts'

export type SigningKeyState = 'signing' | 'ending' | 'overdue' | 'deleted'

/** Of a key, what everybody may know who looks after it: nothing secret. */
export type SigningKeyView = {
  id: string
  state: SigningKeyState
  createdAt: string
  retiredAt: string | null
  reason: 'scheduled' | 'requested' | 'compromised' | null
  /** When its last token has ended, and it is deleted. */
  endsAt: string | null
  deletedAt: string | null
  /** `open` after a compromise, until a second person has looked at it. */
  review: 'none' | 'open' | 'done'
}

// A year and more of rotations every few days.
const MOST_SHOWN = 100

/** The signing keys of the video service in use, newest first, and when the next one is due. */
export const listSigningKeys = read({
  action: 'signing-key.list',
  input: z.strictObject({}),
  allow: { role: 'admin', groups: ['security'] },
  async run({ db, ctx, settings }) {
    const rows = await db
      .select()
      .from(signingKeys)
      .where(eq(signingKeys.provider, settings.videoProvider))
      .orderBy(desc(signingKeys.createdAt))
      .limit(MOST_SHOWN)
    const signing = rows.find((row) => !row.retiredAt && !row.deletedAt)
    const rotatesAt = signing && rotationDue(signing.createdAt, settings.SIGNING_KEY_DAYS)
    return {
      items: rows.map((row) => viewOf(row, ctx.now)),
      rotatesAt: rotatesAt?.toISOString() ?? null,
      days: settings.SIGNING_KEY_DAYS,
      provider: settings.videoProvider,
    }
  },
})

function viewOf(row: typeof signingKeys.$inferSelect, now: Date): SigningKeyView {
  return {
    id: row.id,
    state: stateOf(row, now),
    createdAt: row.createdAt.toISOString(),
    retiredAt: row.retiredAt?.toISOString() ?? null,
    reason: row.retireReason,
    endsAt: row.deleteAfter?.toISOString() ?? null,
    deletedAt: row.deletedAt?.toISOString() ?? null,
    review: row.retireReason !== 'compromised' ? 'none' : row.reviewedAt ? 'done' : 'open',
  }
}

// The job comes every five minutes; a key that is still there after that is a failure.
const LATE_MS = 6 * 60_000

function stateOf(row: typeof signingKeys.$inferSelect, now: Date): SigningKeyState {
  if (row.deletedAt) return 'deleted'
  if (!row.retiredAt || !row.deleteAfter) return 'signing'
  const lateMs = row.retireReason === 'compromised' ? 0 : LATE_MS
  return row.deleteAfter.getTime() + lateMs < now.getTime() ? 'overdue' : 'ending'
}
