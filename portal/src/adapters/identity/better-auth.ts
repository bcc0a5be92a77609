import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import type { Db } from '#portal/platform/db.ts'
import { newId } from '#portal/platform/ids.ts'
import type { LiveSecret } from '#portal/platform/live-secret.ts'
import { hashPassword, isPassword } from '#portal/platform/password-hash.ts'
import { deviceLabel } from './device-label.ts'
import { openSessionPlugin } from './open-session.ts'
import { PASSKEY_SIGN_IN, passkeyPlugin } from './passkeys.ts'
import { type IdentityPort, SESSION_HOURS } from './port.ts'
import { COOKIE_PREFIX, signedAnew } from './signed-cookies.ts'

const HOUR_SECONDS = 3600
const SESSION_COOKIE = `${COOKIE_PREFIX}.session_token=`

/** Better Auth endpoints that are let through; all others do not exist here. */
const ENDPOINTS: ReadonlySet<string> = new Set([
  'POST /sign-in/email',
  'POST /sign-out',
  'GET /passkey/generate-register-options',
  'POST /passkey/verify-registration',
  'GET /passkey/generate-authenticate-options',
  `POST ${PASSKEY_SIGN_IN}`,
])

export type BetterAuthOptions = {
  db: Db
  /** Signs cookies; sessions that one before it signed go on. */
  secret: LiveSecret
  /** Origin that browsers use. */
  baseUrl: string
  /** Drizzle tables by Better Auth's names for its models. */
  schema: Record<string, unknown>
}

/** The embedded identity: accounts, passwords and sessions in our own database. */
export function createBetterAuthIdentity(options: BetterAuthOptions): IdentityPort {
  let made: { secret: string; auth: ReturnType<typeof createAuth> } | undefined
  const own = () => {
    const secret = options.secret.current()
    if (made?.secret !== secret) made = { secret, auth: createAuth(options, secret) }
    return made.auth
  }
  return {
    kind: 'better-auth',
    endpoints: ENDPOINTS,
    returnPaths: new Set(),
    signInPath: null,
    async handle(request) {
      const headers = signedAnew(request.headers, options.secret)
      return await own().handler(headers === request.headers ? request : new Request(request, { headers }))
    },
    async whoIs(headers) {
      if (!headers.get('cookie')?.includes(SESSION_COOKIE)) return null
      const signed = signedAnew(headers, options.secret)
      const found = await own().api.getSession({ headers: signed })
      if (!found) return null
      const { user, session } = found
      return {
        userId: user.id,
        email: user.email,
        emailVerified: user.emailVerified,
        name: user.name,
        sessionId: session.id,
        authenticatedAt: session.createdAt,
        secondFactor: Boolean(session.secondFactorAt),
      }
    },
    async endSession(sessionId) {
      const { internalAdapter, adapter } = await own().$context
      const found = await adapter.findOne<{ token: string }>({
        model: 'session',
        where: [{ field: 'id', value: sessionId }],
      })
      if (found) await internalAdapter.deleteSession(found.token)
      return found !== null
    },
    async endSessionsOf(userId, keep) {
      const { adapter } = await own().$context
      return await adapter.deleteMany({
        model: 'session',
        where: [
          { field: 'userId', value: userId },
          ...(keep ? [{ field: 'id', value: keep, operator: 'ne' as const }] : []),
        ],
      })
    },
    async openSession(userId, headers, { secondFactor } = { secondFactor: false }) {
      const { headers: answered } = await own().api.openSession({
        body: { userId, secondFactor },
        headers: signedAnew(headers, options.secret),
        returnHeaders: true,
      })
      return answered.getSetCookie()
    },
    async renewToken(sessionId) {
      const { headers: answered } = await own().api.renewToken({ body: { sessionId }, returnHeaders: true })
      return answered.getSetCookie()
    },
    // Accounts are made here by accepting an invitation: nobody else has to know.
    invite: async () => {},
  }
}

/**
 * Accounts and their sessions. Sign-up does not exist: people come by invitation.
 * Cookies are `__Host-`, secure, strict enough to need our Origin guard only as a second wall.
 */
function createAuth(options: BetterAuthOptions, secret: string) {
  return betterAuth({
    appName: 'Motion Mavericks',
    baseURL: options.baseUrl,
    basePath: '/api/auth',
    secret,
    database: drizzleAdapter(options.db, { provider: 'pg', schema: options.schema }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 256,
      revokeSessionsOnPasswordReset: true,
      password: { hash: hashPassword, verify: ({ hash, password }) => isPassword(hash, password) },
    },
    // An end that no use moves; the idle end is told by `last_seen_at`.
    session: {
      expiresIn: SESSION_HOURS * HOUR_SECONDS,
      disableSessionRefresh: true,
      additionalFields: {
        deviceLabel: { type: 'string', required: false, input: false },
        secondFactorAt: { type: 'date', required: false, input: false },
      },
    },
    plugins: [passkeyPlugin(options.baseUrl), openSessionPlugin()],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    trustedOrigins: [options.baseUrl],
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: false,
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { disableIpTracking: true },
      database: { generateId: ({ model }) => newId(model === 'passkey' ? 'pky' : 'ses') },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, context) => ({
            data: {
              ...session,
              ipAddress: null,
              userAgent: null,
              deviceLabel: deviceLabel(session.userAgent),
              secondFactorAt:
                context?.path === PASSKEY_SIGN_IN ? new Date() : (session.secondFactorAt ?? null),
            },
          }),
        },
      },
    },
  })
}
