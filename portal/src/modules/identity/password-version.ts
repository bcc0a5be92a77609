import { and, eq } from 'drizzle-orm'
import { hashToken } from '#portal/platform/crypto.ts'
import type { Db } from '#portal/platform/db.ts'
import { accounts, users } from './tables.ts'

/** Changes with the password of this address's account, and tells nothing of it; empty where there is none. */
export async function passwordVersion(db: Db, email: string): Promise<string> {
  const [credential] = await db
    .select({ password: accounts.password })
    .from(accounts)
    .innerJoin(users, eq(users.id, accounts.userId))
    .where(and(eq(users.email, email.trim().toLowerCase()), eq(accounts.providerId, 'credential')))
  return credential?.password ? hashToken(credential.password).toString('hex') : ''
}
