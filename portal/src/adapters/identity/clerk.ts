import { randomBytes } from 'node:crypto'
import { createClerkClient } from '@clerk/backend'
import { equalInConstantTime, newToken } from '#portal/platform/crypto.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { COOKIE, cookieOf, forget, linkOrDoor, redirect } from './browser-cookie.ts'
import { deviceLabel } from './device-label.ts'
import type { IdentityPort, SessionStore, VendorPerson } from './port.ts'

const SESSION = '__Host-mm.session_token'
const STATE = '__Host-mm.clerk_state'
const CLOCK_SKEW_MS = 10_000
const STATE_SECONDS = 600

export type ClerkOptions = {
  secretKey: string
  publishableKey: string
  /** PEM of the public key that verifies session tokens, so that no request waits for Clerk. */
  jwtKey: string
  /** Origin that browsers use; the only party whose tokens count. */
  baseUrl: string
  /** Clerk's hosted sign-in page; found from the publishable key where not given. */
  signInUrl?: string | undefined
  /** Another origin that speaks Clerk's Backend API. */
  apiUrl?: string | undefined
  sessions: SessionStore
  /** Who that person is here; null for somebody who was not invited. */
  admit(person: VendorPerson): Promise<string | null>
  deadlineMs?: number
}

/**
 * Clerk proves who somebody is, once, on its own page; the session that follows is ours: in our table, ended by us
 * at once. Its scripts never run in our pages.
 */
export function createClerkIdentity(options: ClerkOptions): IdentityPort {
  const { sessions, baseUrl } = options
  const outbound = createOutbound({ name: 'The identity service', deadlineMs: options.deadlineMs ?? 10_000 })
  const clerk = createClerkClient({
    secretKey: options.secretKey,
    publishableKey: options.publishableKey,
    jwtKey: options.jwtKey,
    ...(options.apiUrl ? { apiUrl: options.apiUrl } : {}),
    telemetry: { disabled: true },
  })

  // What ends here ends there as far as Clerk can be reached; our own session is gone either way.
  const endTheirs = async (ended: { vendorSession: string | null }[]) => {
    await Promise.allSettled(
      ended.flatMap(({ vendorSession: id }) => (id ? outbound(() => clerk.sessions.revokeSession(id)) : [])),
    )
  }
  const endSession = async (sessionId: string) => {
    const ended = await sessions.end(sessionId)
    if (ended) await endTheirs([ended])
    return ended !== null
  }
  const whoIs = async (headers: Headers) => {
    const token = cookieOf(headers, SESSION)
    return token ? await sessions.find(token) : null
  }

  /** The way to Clerk's page, with a state that only this browser knows: nobody can be signed in as somebody else. */
  function start(request: Request): Response {
    const state = randomBytes(16).toString('base64url')
    const to = new URL(options.signInUrl ?? signInPageOf(options.publishableKey))
    to.searchParams.set('redirect_url', `${baseUrl}/api/auth/clerk/finish?state=${state}`)
    // Whoever came to watch goes back to their link.
    const page = linkOrDoor(new URL(request.url).searchParams.get('next') ?? '')
    return redirect(to.href, [`${STATE}=${state}.${page}; ${COOKIE}; Max-Age=${STATE_SECONDS}`])
  }

  async function finish(request: Request): Promise<Response> {
    const state = new URL(request.url).searchParams.get('state') ?? ''
    const [expected, next = ''] = (cookieOf(request.headers, STATE) ?? '').split('.')
    const page = linkOrDoor(next)
    if (!expected || !equalInConstantTime(expected, state)) return redirect(`${page}?sign-in=again`)
    const seen = await clerk.authenticateRequest(asBrowserSent(request, baseUrl), {
      jwtKey: options.jwtKey,
      authorizedParties: [baseUrl],
      clockSkewInMs: CLOCK_SKEW_MS,
    })
    if (seen.status === 'handshake') return new Response(null, { status: 307, headers: seen.headers })
    if (seen.status !== 'signed-in') return redirect(`${page}?sign-in=again`, [forget(STATE)])
    const { userId: vendorUserId, sessionId, factorVerificationAge } = seen.toAuth()
    const person = await personOf(vendorUserId)
    const userId = person && (await options.admit(person))
    if (!userId) return redirect(`${page}?sign-in=not-invited`, [forget(STATE)])
    const token = newToken()
    await sessions.open({
      ...{ userId, token },
      vendorSession: sessionId,
      secondFactor: (factorVerificationAge?.[1] ?? -1) >= 0,
      deviceLabel: deviceLabel(request.headers.get('user-agent')),
    })
    return redirect(page, [`${SESSION}=${token}; ${COOKIE}`, forget(STATE)])
  }

  /** Null for an address that Clerk has not verified, and for somebody whom it has banned or locked out. */
  async function personOf(vendorUserId: string): Promise<VendorPerson | null> {
    const user = await outbound(() => clerk.users.getUser(vendorUserId))
    const primary = user.primaryEmailAddress
    if (user.banned || user.locked || primary?.verification?.status !== 'verified') return null
    const email = primary.emailAddress.toLowerCase()
    return { provider: 'clerk', vendorUserId, email, name: user.fullName ?? email.split('@', 1)[0] ?? email }
  }

  async function signOut(request: Request): Promise<Response> {
    const session = await whoIs(request.headers)
    if (session) await endSession(session.sessionId)
    return Response.json({ success: true }, { headers: { 'set-cookie': forget(SESSION) } })
  }

  return {
    kind: 'clerk',
    endpoints: new Set(['GET /clerk/start', 'GET /clerk/finish', 'POST /sign-out']),
    returnPaths: new Set(['/clerk/finish']),
    signInPath: '/api/auth/clerk/start',
    whoIs,
    endSession,
    async endSessionsOf(userId, keep) {
      const ended = await sessions.endAllOf(userId, keep)
      await endTheirs(ended)
      return ended.length
    },
    async renewToken(sessionId) {
      const token = newToken()
      return (await sessions.renew(sessionId, token)) ? [`${SESSION}=${token}; ${COOKIE}`] : []
    },
    async handle(request) {
      const { pathname } = new URL(request.url)
      if (pathname.endsWith('/clerk/start')) return start(request)
      return pathname.endsWith('/clerk/finish') ? await finish(request) : await signOut(request)
    },
    async invite(email) {
      await outbound(() =>
        clerk.invitations.createInvitation({
          emailAddress: email,
          redirectUrl: `${baseUrl}/`,
          ignoreExisting: true,
          // Our own mail tells them; this only lets the address sign up.
          notify: false,
        }),
      )
    },
  }
}

/** The request as it left the browser: at our public address, without the Origin that the door added. */
function asBrowserSent(request: Request, baseUrl: string): Request {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  headers.delete('origin')
  headers.set('host', new URL(baseUrl).host)
  for (const name of ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port']) headers.delete(name)
  return new Request(`${baseUrl}${pathname}${search}`, { headers })
}

/** `clerk.example.com` has its pages at accounts.example.com, `name.clerk.accounts.dev` at name.accounts.dev. */
function signInPageOf(publishableKey: string): string {
  const api = Buffer.from(publishableKey.split('_').at(-1) ?? '', 'base64')
    .toString()
    .replace(/\$$/, '')
  const host = api.endsWith('.clerk.accounts.dev')
    ? api.replace('.clerk.accounts.dev', '.accounts.dev')
    : api.replace(/^clerk\./, 'accounts.')
  return `https://${host}/sign-in`
}
