import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { listenOnFreePort } from './listen.ts'

type ClerkUser = { id: string; email: string; name: string; verified: boolean; banned: boolean }

export type ClerkServer = {
  origin: string
  secretKey: string
  publishableKey: string
  /** PEM of the key that verifies `sessionToken`. */
  jwtKey: string
  user(user: Omit<ClerkUser, 'verified' | 'banned'> & Partial<ClerkUser>): void
  /** Cookies that a browser has after signing in on the hosted page. */
  cookies(userId: string, claims?: Record<string, unknown>): string
  /** Addresses that may sign up. */
  invited: string[]
  /** Sessions that were revoked. */
  revoked: string[]
  stop(): Promise<void>
}

const FRONTEND = 'clerk.portal.example'
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
let serial = 0

/** The few endpoints of Clerk's Backend API that the portal calls, and session tokens in Clerk's shape (RS256, v2 claims). */
export async function startClerkServer(authorizedParty: string): Promise<ClerkServer> {
  const secretKey = 'sk_live_local'
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const users = new Map<string, ClerkUser>()
  const invited: string[] = []
  const revoked: string[] = []

  const server = createServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const send = (status: number, body: object) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const fail = (status: number, code: string) => send(status, { errors: [{ code, message: code }] })
    if (req.headers.authorization !== `Bearer ${secretKey}`) return fail(401, 'authentication_invalid')
    const { pathname } = new URL(req.url ?? '/', 'http://localhost')
    const [, , area, id, act] = pathname.split('/')
    if (req.method === 'GET' && area === 'users') {
      const user = users.get(id ?? '')
      return user ? send(200, userResource(user)) : fail(404, 'resource_not_found')
    }
    if (req.method === 'POST' && area === 'sessions' && act === 'revoke') {
      revoked.push(id ?? '')
      return send(200, { object: 'session', id, status: 'revoked' })
    }
    if (req.method === 'POST' && area === 'invitations') {
      const { email_address: email, ignore_existing: ignore } = JSON.parse(text)
      if (!invited.includes(email)) invited.push(email)
      else if (!ignore) return fail(422, 'duplicate_record')
      return send(200, {
        object: 'invitation',
        id: `inv_${invited.indexOf(email)}`,
        email_address: email,
        status: 'pending',
      })
    }
    return fail(404, 'resource_not_found')
  })
  const { origin, stop } = await listenOnFreePort(server)

  function sessionToken(userId: string, claims: Record<string, unknown>): string {
    const now = Math.floor(Date.now() / 1000)
    const head = base64url({ alg: 'RS256', kid: 'ins_local', typ: 'JWT' })
    const body = base64url({
      ...{ azp: authorizedParty, iss: `https://${FRONTEND}`, sub: userId, sid: `sess_${++serial}` },
      ...{ iat: now, nbf: now - 10, exp: now + 60, fva: [0, -1], sts: 'active', v: 2 },
      ...claims,
    })
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), privateKey).toString('base64url')
    return `${head}.${body}.${signature}`
  }

  return {
    ...{ origin, secretKey, invited, revoked, stop },
    publishableKey: `pk_live_${Buffer.from(`${FRONTEND}$`).toString('base64')}`,
    jwtKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    user: (user) => void users.set(user.id, { verified: true, banned: false, ...user }),
    cookies: (userId, claims = {}) =>
      `__session=${sessionToken(userId, claims)}; __client_uat=${Math.floor(Date.now() / 1000) - 1}`,
  }
}

function userResource({ id, email, name, verified, banned }: ClerkUser) {
  const [first = '', ...rest] = name.split(' ')
  return {
    object: 'user',
    id,
    first_name: first,
    last_name: rest.join(' '),
    ...{ banned, locked: false, two_factor_enabled: false, created_at: 0, updated_at: 0 },
    primary_email_address_id: 'idn_1',
    email_addresses: [
      {
        object: 'email_address',
        id: 'idn_1',
        email_address: email,
        linked_to: [],
        verification: { status: verified ? 'verified' : 'unverified', strategy: 'email_code' },
      },
    ],
    ...{ phone_numbers: [], web3_wallets: [], external_accounts: [], saml_accounts: [] },
  }
}
