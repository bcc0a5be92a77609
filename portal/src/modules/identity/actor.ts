import { and, eq, exists, isNotNull, isNull, sql } from 'drizzle-orm'
import type { IdentityPort } from '#portal/adapters/identity/port.ts'
import type { Actor, Owes } from '#portal/platform/context.ts'
import type { Db } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { members, passkeys, sessions, totpFactors } from './tables.ts'

// Sessions live by the database's clock, as their absolute end does.
export const IDLE_MINUTES = { staff: 60, others: 4 * 60 }
const SEEN_EVERY_MINUTES = 5
/** How long a proof of identity does for what is sensitive. */
export const FRESH_MINUTES = 15

/** The signed-in person behind these headers, with role and groups as they are now; null if nobody is. */
export async function actorOf(
  identity: IdentityPort,
  db: Db,
  settings: Pick<Settings, 'STAFF_TOTP'>,
  headers: Headers,
): Promise<Actor | null> {
  const signedIn = await identity.whoIs(headers)
  if (!signedIn) return null
  const found = await findMember(db, signedIn.userId, signedIn.sessionId)
  if (!found) return null
  const { member } = found
  const staff = member.role === 'admin' || member.staffGroups.length > 0
  if (found.idleMinutes > IDLE_MINUTES[staff ? 'staff' : 'others']) {
    await identity.endSession(signedIn.sessionId)
    return null
  }
  if (found.unseen || found.idleMinutes >= SEEN_EVERY_MINUTES) await markSeen(db, signedIn.sessionId)
  const proved = signedIn.secondFactor || found.proved
  const owes = owedBy({ ...found, proved, required: staff && settings.STAFF_TOTP === 'required' })
  return {
    kind: 'user',
    id: member.userId,
    role: member.role,
    groups: member.staffGroups,
    organisationId: member.organisationId,
    sessionId: signedIn.sessionId,
    ...(owes ? { owes } : {}),
    ...(found.provedMinutes > FRESH_MINUTES ? { stale: true as const } : {}),
  }
}

/**
 * The second factor that a session still owes. Whoever has an authenticator shows it, staff or not; staff who must
 * have a factor show their passkey, or set one of the two up.
 */
export function owedBy(session: {
  required: boolean
  proved: boolean
  totp: boolean
  passkey: boolean
}): Owes | null {
  const { required, proved, totp, passkey } = session
  if (required && !totp && !passkey) return 'set-up'
  if (proved) return null
  return totp || (required && passkey) ? 'prove' : null
}

async function findMember(db: Db, userId: string, sessionId: string) {
  const seen = sql`coalesce(${sessions.lastSeenAt}, ${sessions.createdAt})`
  const proof = sql`coalesce(${sessions.provedAt}, ${sessions.createdAt})`
  // Asked with every request of a signed-in person: under one name each connection plans it once.
  const query = db
    .select({
      member: members,
      proved: sql<boolean>`${sessions.secondFactorAt} is not null`,
      unseen: sql<boolean>`${sessions.lastSeenAt} is null`,
      idleMinutes: sql<number>`(extract(epoch from clock_timestamp() - ${seen}) / 60)::float8`,
      provedMinutes: sql<number>`(extract(epoch from clock_timestamp() - ${proof}) / 60)::float8`,
      totp: sql<boolean>`${totpFactors.confirmedAt} is not null`,
      passkey: sql<boolean>`${exists(db.select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.userId, members.userId)))}`,
    })
    .from(members)
    .innerJoin(
      sessions,
      and(eq(sessions.id, sql.placeholder('sessionId')), eq(sessions.userId, members.userId)),
    )
    .leftJoin(totpFactors, and(eq(totpFactors.userId, members.userId), isNotNull(totpFactors.confirmedAt)))
    .where(and(eq(members.userId, sql.placeholder('userId')), isNull(members.deactivatedAt)))
    .prepare('signed-in-member')
  const [found] = await query.execute({ userId, sessionId })
  return found
}

async function markSeen(db: Db, sessionId: string): Promise<void> {
  await db.update(sessions).set({ lastSeenAt: sql`clock_timestamp()` }).where(eq(sessions.id, sessionId))
}
