import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { createOutsideFetch, type OutsideFetch, type OutsideInit } from '#portal/platform/outside-fetch.ts'

const CLOCK_SKEW_SECONDS = 10
const MOST_BYTES = 256 * 1024
const DISCOVERY_MS = 3600_000
/** Signatures that only the issuer can make; never `none`, never HMAC with the client's secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export type OidcClient = {
  /** The issuer's identifier as its own tokens name it. */
  issuer: string
  clientId: string
  clientSecret: string
  deadlineMs?: number
  /** Hosts in the installation's own network that the issuer may lie on. */
  privateHosts?: readonly string[] | undefined
}

/** What the issuer says of whom it proved. */
export type OidcPerson = {
  subject: string
  email: string | null
  /** Only `true` counts. */
  emailVerified: boolean
  name: string | null
  /** Whether the token says that a second factor was shown. */
  secondFactor: boolean
}

export type OidcIssuer = {
  /** The page where the issuer asks people to sign in. */
  authorizationUrl(params: Record<string, string>): Promise<URL>
  /** Turns a code into a person. @throws OidcRefused, or AppError unavailable */
  redeem(code: string, proof: { verifier: string; nonce: string; redirectUri: string }): Promise<OidcPerson>
}

/** The issuer, or what it sent, did not hold up; the reason is for the log and carries nothing personal. */
export class OidcRefused extends Error {
  readonly reason: 'code_refused' | 'token_invalid'

  constructor(reason: 'code_refused' | 'token_invalid', cause?: unknown) {
    super(reason)
    this.name = 'OidcRefused'
    this.reason = reason
    this.cause = cause
  }
}

const tokensSchema = z.object({ id_token: z.string(), access_token: z.string().optional() })
const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().optional(),
  email_verified: z.unknown().optional(),
  name: z.string().optional(),
})

/** Speaks OpenID Connect Core 1.0 (code flow, PKCE S256) with one issuer, and with nobody else. */
export function createOidcIssuer(client: OidcClient): OidcIssuer {
  const deadlineMs = client.deadlineMs ?? 10_000
  const outbound = createOutbound({ name: 'The sign-in service', deadlineMs })
  const endpoint = endpointOf(client.issuer)
  // What the issuer's own document names is somebody else's word: each URL is judged by itself.
  const ask = createOutsideFetch({ named: [client.issuer], privateHosts: client.privateHosts })
  const get = (url: string, headers: Record<string, string> = {}) =>
    outbound((signal) => boundedJson(ask, url, { headers, signal }))

  let found: { metadata: Promise<Metadata>; until: number } | null = null
  const discovered = () => {
    if (!found || performance.now() > found.until) {
      const metadata = discover()
      found = { metadata, until: performance.now() + DISCOVERY_MS }
      // A failure is not kept: the next person asks again.
      metadata.catch(() => {
        found = null
      })
    }
    return found.metadata
  }

  async function discover() {
    const answer = await get(`${client.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    const metadata = metadataSchema(endpoint).safeParse(answer.body)
    if (!metadata.success || metadata.data.issuer !== client.issuer) throw new OidcRefused('token_invalid')
    const keys = createRemoteJWKSet(new URL(metadata.data.jwks_uri), {
      timeoutDuration: deadlineMs,
      [customFetch]: async (url, init) => {
        const { status, body } = await boundedJson(ask, url, { headers: init.headers, signal: init.signal })
        return Response.json(body, { status })
      },
    })
    return { ...metadata.data, keys }
  }

  async function tokensFor(code: string, proof: { verifier: string; redirectUri: string }) {
    const { token_endpoint: url, token_endpoint_auth_methods_supported: methods } = await discovered()
    const basic = methods.includes('client_secret_basic') || !methods.includes('client_secret_post')
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', code },
      ...{ redirect_uri: proof.redirectUri, code_verifier: proof.verifier },
      ...(basic ? {} : { client_id: client.clientId, client_secret: client.clientSecret }),
    })
    const headers = new Headers(basic ? { authorization: basicOf(client) } : {})
    const answer = await outbound((signal) =>
      boundedJson(ask, url, { method: 'POST', headers, body, signal }),
    )
    const tokens = tokensSchema.safeParse(answer.status === 200 ? answer.body : null)
    if (!tokens.success) throw new OidcRefused('code_refused')
    return tokens.data
  }

  async function verified(idToken: string, nonce: string): Promise<JWTPayload> {
    const { keys } = await discovered()
    const { payload } = await jwtVerify(idToken, keys, {
      issuer: client.issuer,
      audience: client.clientId,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ['sub', 'iat', 'exp', 'nonce'],
    }).catch((error: unknown) => {
      throw isUnreachable(error)
        ? new AppError('unavailable', 'The sign-in service can’t be reached right now.')
        : new OidcRefused('token_invalid', error)
    })
    // A token for several parties must say that it was asked for by us (Core 1.0, 3.1.3.7).
    const several = Array.isArray(payload.aud) && payload.aud.length > 1
    const askedBy = payload.azp ?? (several ? null : client.clientId)
    if (payload.nonce !== nonce || askedBy !== client.clientId) throw new OidcRefused('token_invalid')
    return payload
  }

  /** Many issuers keep addresses out of ID tokens: these come from the userinfo endpoint, for the same subject. */
  async function claimsOf(payload: JWTPayload, accessToken: string | undefined) {
    const own = claimsIn(payload)
    const { userinfo_endpoint: url } = await discovered()
    if ((own.email && own.email_verified !== undefined) || !url || !accessToken) return own
    const answer = await get(url, { authorization: `Bearer ${accessToken}` })
    const told = claimsIn(answer.status === 200 ? answer.body : null)
    if (told.sub !== own.sub) throw new OidcRefused('token_invalid')
    return told
  }

  return {
    async authorizationUrl(params) {
      const url = new URL((await discovered()).authorization_endpoint)
      const own = { response_type: 'code', client_id: client.clientId, scope: 'openid email profile' }
      for (const [name, value] of Object.entries({ ...own, ...params })) url.searchParams.set(name, value)
      return url
    },
    async redeem(code, proof) {
      const tokens = await tokensFor(code, proof)
      const payload = await verified(tokens.id_token, proof.nonce)
      const claims = await claimsOf(payload, tokens.access_token)
      return {
        subject: claims.sub,
        email: claims.email?.toLowerCase() ?? null,
        emailVerified: claims.email_verified === true,
        name: claims.name?.trim().slice(0, 120) || null,
        secondFactor: saysSecondFactor(payload),
      }
    },
  }
}

function claimsIn(value: unknown): z.infer<typeof claimsSchema> {
  const claims = claimsSchema.safeParse(value)
  if (!claims.success) throw new OidcRefused('token_invalid')
  return claims.data
}

type Metadata = z.infer<ReturnType<typeof metadataSchema>> & { keys: ReturnType<typeof createRemoteJWKSet> }

const metadataSchema = (endpoint: z.ZodType<string>) =>
  z.object({
    issuer: z.string(),
    authorization_endpoint: endpoint,
    token_endpoint: endpoint,
    jwks_uri: endpoint,
    userinfo_endpoint: endpoint.optional(),
    token_endpoint_auth_methods_supported: z.array(z.string()).default(['client_secret_basic']),
  })

/** https, or where the issuer itself is this machine, http at the issuer's own origin. */
function endpointOf(issuer: string) {
  const own = new URL(issuer)
  return z
    .string()
    .refine(
      (value) =>
        URL.canParse(value) && (new URL(value).protocol === 'https:' || new URL(value).origin === own.origin),
    )
}

/** RFC 6749, 2.3.1: both halves are form-encoded before they are joined. */
function basicOf({ clientId, clientSecret }: OidcClient): string {
  const encoded = (value: string) => new URLSearchParams({ v: value }).toString().slice(2)
  return `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`
}

const AMR = ['mfa', 'otp', 'hwk', 'sc']
const ACR = ['phr', 'phrh', 'http://schemas.openid.net/pape/policies/2007/06/multi-factor']

/** Methods of RFC 8176 and classes of authentication that stand for a second factor; silence is none. */
function saysSecondFactor({ amr, acr }: JWTPayload): boolean {
  return (Array.isArray(amr) && amr.some((method) => AMR.includes(method))) || ACR.includes(String(acr))
}

/** Whether the keys could not be had: no answer, or not a list of keys; anything else is the token's fault. */
function isUnreachable(error: unknown): boolean {
  const code = String(error instanceof Error && Reflect.get(error, 'code'))
  return !code.startsWith('ERR_J') || ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC'].includes(code)
}

/** One answer of at most 256 KiB, redirected nowhere. A server's own failure is thrown, a 4xx is an answer. */
async function boundedJson(
  ask: OutsideFetch,
  url: string,
  init: OutsideInit,
): Promise<{ status: number; body: unknown }> {
  const answer = await ask(url, init)
  if (answer.status >= 500) throw new Error(`status ${answer.status}`)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.byteLength
    if (size > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`)
    parts.push(part)
  }
  const text = Buffer.concat(parts).toString('utf8')
  return { status: answer.status, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
