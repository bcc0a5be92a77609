import { and, eq, gt, ne, sql } from 'drizzle-orm'
import { SESSION_HOURS, type SessionStore } from '#portal/adapters/identity/port.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import type { Db } from '#portal/platform/db.ts'
import { newId } from '#portal/platform/ids.ts'
import { sessions, users } from './tables.ts'

const NOW = sql`clock_timestamp()`
const stored = (token: string) => hashToken(token).toString('hex')

/** Sessions that another identity service began, in the one table of sessions; they live by the database's clock. */
export function createSessionStore(db: Db): SessionStore {
  return {
    async open({ userId, token, secondFactor, deviceLabel, vendorSession }) {
      const id = newId('ses')
      await db.insert(sessions).values({
        ...{ id, userId, deviceLabel, vendorSession },
        token: stored(token),
        expiresAt: sql`${NOW} + make_interval(hours => ${SESSION_HOURS})`,
        secondFactorAt: secondFactor ? NOW : null,
      })
      return id
    },
    async find(token) {
      const [row] = await db
        .select({ session: sessions, user: users })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(and(eq(sessions.token, stored(token)), gt(sessions.expiresAt, NOW)))
      if (!row) return null
      const { session, user } = row
      return {
        userId: user.id,
        email: user.email,
        emailVerified: user.emailVerified,
        name: user.name,
        sessionId: session.id,
        authenticatedAt: session.createdAt,
        secondFactor: session.secondFactorAt !== null,
      }
    },
    async renew(sessionId, token) {
      const renewed = await db
        .update(sessions)
        .set({ token: stored(token) })
        .where(eq(sessions.id, sessionId))
        .returning({ id: sessions.id })
      return renewed.length === 1
    },
    async end(sessionId) {
      const [ended] = await db
        .delete(sessions)
        .where(eq(sessions.id, sessionId))
        .returning({ vendorSession: sessions.vendorSession })
      return ended ?? null
    },
    endAllOf: (userId, keep) =>
      db
        .delete(sessions)
        .where(and(eq(sessions.userId, userId), keep ? ne(sessions.id, keep) : undefined))
        .returning({ vendorSession: sessions.vendorSession }),
  }
}
