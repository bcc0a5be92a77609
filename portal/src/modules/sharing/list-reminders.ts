import { and, eq, inArray } from 'drizzle-orm'
import { keyedHash } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { mayBeInvited } from './rules.ts'
import { shareReminders } from './tables.ts'

/** One address is reminded at most once in this time, and not more often than so many times. */
export const REMIND_EVERY_MS = 24 * 3_600_000
export const MOST_REMINDERS = 5

/** An invited address with what it was reminded of. */
export type Reminder = {
  address: string
  /** The keyed hash by which viewers of this address are found, in hexadecimal. */
  key: string
  remindedAt: Date | null
  times: number
  mayRemind: boolean
}

type Invited = {
  id: string
  access: 'link' | 'email' | 'account'
  allow: string[]
  deny: string[]
  approval: string
  expiresAt: Date
  revokedAt: Date | null
}

/** The keyed hash under which a viewer's proved address stands. */
export const viewerEmailHash = (keys: Keys, email: string) => keyedHash(keys.hash, 'viewer-email', email)

/** Every address that a share invites by itself, not by its domain. */
export async function listReminders(db: Tx, keys: Keys, share: Invited, now: Date): Promise<Reminder[]> {
  const addresses =
    share.access === 'link'
      ? []
      : share.allow.filter((entry) => !entry.startsWith('@') && mayBeInvited(share, entry))
  if (addresses.length === 0) return []
  const hashes = addresses.map((address) => viewerEmailHash(keys, address))
  const rows = await db
    .select()
    .from(shareReminders)
    .where(and(eq(shareReminders.shareId, share.id), inArray(shareReminders.emailHash, hashes)))
  const live = share.approval === 'open' && share.revokedAt === null && share.expiresAt > now
  return addresses.map((address, index) => {
    const key = hashes[index]?.toString('hex') ?? ''
    const row = rows.find(({ emailHash }) => emailHash.toString('hex') === key)
    const rested = !row || row.remindedAt.getTime() <= now.getTime() - REMIND_EVERY_MS
    return {
      address,
      key,
      remindedAt: row?.remindedAt ?? null,
      times: row?.times ?? 0,
      mayRemind: live && rested && (row?.times ?? 0) < MOST_REMINDERS,
    }
  })
}
