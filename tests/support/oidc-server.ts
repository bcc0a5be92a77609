import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { importJWK, SignJWT } from 'jose'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { listenOnFreePort } from './listen.ts'

export type OidcAccount = { sub: string; email: string; email_verified: boolean; name: string }

export type OidcServer = {
  issuer: string
  clientId: string
  clientSecret: string
  /** Who sits at the browser, and by which methods they prove themselves. */
  signedIn: { account: OidcAccount; amr?: string[] } | null
  /** Claims that the next ID token carries in place of what the provider would say. */
  forge: Record<string, unknown> | null
  /** Paths that were asked for. */
  asked: string[]
  stop(): Promise<void>
}

/** A certified OpenID provider on a free port; whoever is `signedIn` consents to everything. */
export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  const [clientId, clientSecret] = ['portal', 'a secret: 100% +/ ours']
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const key = { ...jwk, kid: 'local', alg: 'RS256', use: 'sig' }
  let handle: (req: IncomingMessage, res: ServerResponse) => unknown = () => {}
  const { origin: issuer, stop } = await listenOnFreePort(createServer((req, res) => void handle(req, res)))
  const server: OidcServer = {
    ...{ issuer, clientId, clientSecret, stop },
    ...{ signedIn: null, forge: null, asked: [] },
  }
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] },
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['local'] },
    claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...server.signedIn?.account, sub }) }),
    loadExistingGrant,
  })
  const callback = provider.callback()
  handle = async (req, res) => {
    const { pathname } = new URL(req.url ?? '/', issuer)
    server.asked.push(pathname)
    if (pathname.startsWith('/interaction/')) return await interact(provider, server, req, res)
    if (pathname === '/token' && server.forge) return await forged(server, key, res)
    return await callback(req, res)
  }
  return server
}

async function loadExistingGrant(ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc
  const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
  grant.addOIDCScope('openid email profile')
  await grant.save()
  return grant
}

async function interact(provider: Provider, server: OidcServer, req: IncomingMessage, res: ServerResponse) {
  const { signedIn } = server
  await provider.interactionFinished(
    req,
    res,
    signedIn
      ? { login: { accountId: signedIn.account.sub, ...(signedIn.amr ? { amr: signedIn.amr } : {}) } }
      : { error: 'access_denied' },
  )
}

async function forged(server: OidcServer, key: { kid: string }, res: ServerResponse) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: server.issuer, aud: server.clientId, iat: now, exp: now + 60, ...server.forge }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .sign(await importJWK(key, 'RS256'))
  const body = { access_token: 'none', token_type: 'Bearer', id_token: token }
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
