import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import type { Db } from '#portal/platform/db.ts'
import { newId } from '#portal/platform/ids.ts'
import { accounts, sessions, users, verifications } from './tables.ts'

const HOUR_SECONDS = 3600

/** Better Auth endpoints that are let through; all others do not exist here. */
export const AUTH_ENDPOINTS: ReadonlySet<string> = new Set([
  'POST /sign-in/email',
  'POST /sign-out',
  'GET /get-session',
  'POST /change-password',
])

/**
 * Accounts and their sessions. Sign-up does not exist: people come by invitation.
 * Cookies are `__Host-`, secure, strict enough to need our Origin guard only as a second wall.
 */
export function createAuth(options: { db: Db; secret: string; baseUrl: string }) {
  return betterAuth({
    appName: 'Motion Mavericks',
    baseURL: options.baseUrl,
    basePath: '/api/auth',
    secret: options.secret,
    database: drizzleAdapter(options.db, {
      provider: 'pg',
      schema: { user: users, session: sessions, account: accounts, verification: verifications },
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 256,
      revokeSessionsOnPasswordReset: true,
    },
    session: { expiresIn: 12 * HOUR_SECONDS, updateAge: HOUR_SECONDS },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    trustedOrigins: [options.baseUrl],
    advanced: {
      cookiePrefix: '__Host-mm',
      useSecureCookies: false,
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => newId('ses') },
    },
    databaseHooks: {
      session: {
        create: { before: async (session) => ({ data: { ...session, ipAddress: null, userAgent: null } }) },
      },
    },
  })
}

export type Auth = ReturnType<typeof createAuth>
