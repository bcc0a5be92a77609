import { authenticatorCode } from './authenticator.ts'
import { createClient, type PortalClient } from './portal-client.ts'
import { until } from './until.ts'

export type Account = { email: string; password: string }

/** Signs in over HTTP; the client keeps the session. */
export async function signIn(origin: string, account: Account): Promise<PortalClient> {
  const client = createClient(origin)
  await client.call('POST', '/api/auth/sign-in/email', account)
  return client
}

let serial = 0

/** An administrator invites somebody, who accepts: gives that person's account. */
export async function invite(
  admin: PortalClient,
  options: { role?: 'agency' | 'guest' | 'admin'; organisation?: string } = {},
): Promise<Account> {
  const n = ++serial
  const account = { email: `person${n}.${Date.now()}@example.com`, password: 'correct horse battery' }
  const { url } = await admin.call<{ url: string }>('POST', '/api/admin/invitations', {
    email: account.email,
    role: options.role ?? 'agency',
    organisation: options.organisation ?? `Studio ${n}`,
  })
  const token = new URL(url).hash.slice(1)
  await createClient(admin.origin).call('POST', '/api/invitations/accept', {
    token,
    name: `Person ${n}`,
    password: account.password,
  })
  return account
}

/** Somebody who has set up an authenticator app: whose every sign-in owes its code. */
export async function inviteWithTotp(admin: PortalClient): Promise<Account> {
  const account = await invite(admin)
  const client = await signIn(admin.origin, account)
  const { secret } = await client.call<{ secret: string }>('POST', '/api/account/totp', {})
  await client.call('POST', '/api/account/totp/confirm', { code: authenticatorCode(secret, new Date()) })
  return account
}

type OutboxPage = { items: { to: string; text: string }[] }

/** The newest six-digit code mailed to an address, as the administrator's outbox shows it. */
export async function mailedCode(admin: PortalClient, address: string): Promise<string> {
  return await until(`a code in the outbox for ${address}`, async () => {
    const page = await admin.call<OutboxPage>('GET', '/api/admin/outbox')
    const mail = page.items.find(({ to, text }) => to === address && /\b\d{6}\b/.test(text))
    return mail?.text.match(/\b\d{6}\b/)?.[0]
  })
}

export type Playback = { playbackUrl: string; expiresAt: string; refreshAfter: string; title: string }

/** A viewer who proves an address by code and is given a first playback token; spends a view. */
export async function provenViewer(
  admin: PortalClient,
  token: string,
  address: string,
): Promise<{ viewer: PortalClient; playback: Playback }> {
  const viewer = createClient(admin.origin)
  await viewer.call('POST', `/api/share/${token}/verify`, { email: address })
  await viewer.call('POST', `/api/share/${token}/verify`, { code: await mailedCode(admin, address) })
  return { viewer, playback: await viewer.call<Playback>('POST', `/api/share/${token}`) }
}
