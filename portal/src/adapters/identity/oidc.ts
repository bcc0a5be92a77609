import { createHash } from 'node:crypto'
import { equalInConstantTime, newToken } from '#portal/platform/crypto.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { COOKIE, cookieOf, forget, linkOrDoor, redirect } from './browser-cookie.ts'
import { createOidcIssuer, type OidcClient, OidcRefused } from './oidc-issuer.ts'
import type { IdentityPort, VendorPerson } from './port.ts'

const FLOW = '__Host-mm.oidc'
const FLOW_SECONDS = 600
const START = '/oidc/start'
const CALLBACK = '/oidc/callback'
/** A path of this portal, never another site's. */
const WITHIN = /^\/(?![/\\])[\w\-./?=&%]*$/

export type OidcOptions = OidcClient & {
  /** What the button calls it. */
  name: string
  /** Origin that browsers use. */
  baseUrl: string
  /** Who that person is here; null for somebody who was not invited. */
  admit(person: VendorPerson): Promise<string | null>
  /** Leaves a sign-in that failed in the log, by a reason that names nobody. */
  refused(provider: string, reason: OidcFailure): Promise<void>
}

function pageOf(request: Request): string {
  const [, , , next = ''] = (cookieOf(request.headers, FLOW) ?? '').split('.')
  return linkOrDoor(Buffer.from(next, 'base64url').toString())
}

export type OidcFailure =
  | 'state_unknown'
  | 'provider_refused'
  | 'code_refused'
  | 'token_invalid'
  | 'email_unverified'
  | 'provider_unavailable'

/** What the sign-in page says to each. */
const OUTCOMES: Record<OidcFailure, string> = {
  state_unknown: 'again',
  provider_refused: 'stopped',
  code_refused: 'again',
  token_invalid: 'untrusted',
  email_unverified: 'unverified',
  provider_unavailable: 'unavailable',
}

/** Sign-in by an OpenID provider, beside what the given identity offers; the sessions stay that identity's. */
export function withOidc(inner: IdentityPort, options: OidcOptions): IdentityPort {
  const { openSession } = inner
  if (!openSession) throw new Error('this identity begins no sessions for others')
  const issuer = createOidcIssuer(options)
  // A subject is one person at one issuer only: another issuer's subjects are other people.
  const provider = `oidc:${options.issuer}`
  const redirectUri = `${options.baseUrl}/api/auth${CALLBACK}`

  const fail = async (request: Request, reason: OidcFailure, forgets = true) => {
    await options.refused(provider, reason)
    return back(request, OUTCOMES[reason], forgets)
  }
  const back = (request: Request, outcome: string, forgets = true) =>
    redirect(`${pageOf(request)}?sign-in=${outcome}`, forgets ? [forget(FLOW)] : [])

  /** The way to the provider's page. What binds the way back to this browser waits in a cookie of ten minutes. */
  async function start(request: Request): Promise<Response> {
    const [state, nonce, verifier] = [newToken(), newToken(), newToken()]
    const next = new URL(request.url).searchParams.get('next') ?? ''
    const to = await issuer.authorizationUrl({
      ...{ redirect_uri: redirectUri, state, nonce, code_challenge_method: 'S256' },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    })
    const flow = [state, nonce, verifier, Buffer.from(WITHIN.test(next) ? next : '/').toString('base64url')]
    return redirect(to.href, [`${FLOW}=${flow.join('.')}; ${COOKIE}; Max-Age=${FLOW_SECONDS}`])
  }

  async function callback(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams
    const [state, nonce, verifier, next = ''] = (cookieOf(request.headers, FLOW) ?? '').split('.')
    // The cookie of another try stays: whoever made this request up must not end it.
    if (!state || !nonce || !verifier || !equalInConstantTime(state, query.get('state') ?? ''))
      return await fail(request, 'state_unknown', false)
    // RFC 9207: an answer of another issuer than the one asked is a mix-up.
    if ((query.get('iss') ?? options.issuer) !== options.issuer) return await fail(request, 'token_invalid')
    const code = query.get('code')
    if (!code || query.has('error')) return await fail(request, 'provider_refused')
    const person = await issuer.redeem(code, { verifier, nonce, redirectUri })
    const { email, subject } = person
    if (!email || !person.emailVerified) return await fail(request, 'email_unverified')
    const name = person.name ?? email.split('@', 1)[0] ?? email
    const userId = await options.admit({ provider, vendorUserId: subject, email, name })
    if (!userId) return back(request, 'not-invited')
    const cookies = await openSession!(userId, request.headers, { secondFactor: person.secondFactor })
    return redirect(Buffer.from(next, 'base64url').toString(), [...cookies, forget(FLOW)])
  }

  /** Whatever goes wrong, the person is back on the sign-in page with a sentence. */
  async function landed(request: Request, act: (request: Request) => Promise<Response>): Promise<Response> {
    try {
      return await act(request)
    } catch (error) {
      if (error instanceof OidcRefused) return await fail(request, error.reason)
      if (isAppError(error) && error.code === 'unavailable')
        return await fail(request, 'provider_unavailable')
      // An address or a name that no member could have.
      if (isAppError(error) && error.code === 'invalid') return await fail(request, 'token_invalid')
      throw error
    }
  }

  return {
    ...inner,
    endpoints: new Set([...inner.endpoints, `GET ${START}`, `GET ${CALLBACK}`]),
    returnPaths: new Set([...inner.returnPaths, CALLBACK]),
    beside: { path: `/api/auth${START}`, name: options.name },
    async handle(request) {
      const { pathname } = new URL(request.url)
      if (pathname.endsWith(START)) return await landed(request, start)
      return await (pathname.endsWith(CALLBACK) ? landed(request, callback) : inner.handle(request))
    },
  }
}
