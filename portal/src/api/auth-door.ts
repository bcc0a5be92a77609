import { rm } from 'node:fs/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { eq } from 'drizzle-orm'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { firstPasswordFile } from '#portal/modules/identity/first-administrator.ts'
import { isMember, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { recordPasskey } from '#portal/modules/identity/manage-passkeys.ts'
import { recordSignIn, recordSignOut } from '#portal/modules/identity/record-sign-in.ts'
import { requireSso } from '#portal/modules/identity/require-sso.ts'
import { redeemSignInCode } from '#portal/modules/identity/sign-in-code.ts'
import type { App } from '#portal/platform/app.ts'
import { AppError, ERROR_CODES, type ErrorCode } from '#portal/platform/errors.ts'
import { keepsNoCookies } from '#portal/platform/page-headers.ts'
import { alreadyTold } from '#portal/platform/refusals.ts'
import { guard, notice, signedIn } from './abuse-guard.ts'
import { problemResponse } from './problem.ts'
import { limitTo } from './rate-limit.ts'
import { endFormer, renewToken } from './renew-token.ts'
import type { Env } from './request-context.ts'

const SIGN_INS: Record<string, 'password' | 'passkey'> = {
  '/sign-in/email': 'password',
  '/passkey/verify-authentication': 'passkey',
}
const ADDS_PASSKEY = '/passkey/verify-registration'

/** The identity vendor's endpoints behind our own guard, limits and log; only those that we mean to have. */
export function mountAuth(api: OpenAPIHono<Env>, app: App): void {
  const { identity } = app.ports
  api.use('/api/auth/*', inOurWords)
  api.use('/api/auth/sign-in/*', wantsCookies)
  api.use('/api/auth/sign-in/*', guard('sign-in'), limitTo('sign-in'))
  api.use('/api/auth/sign-in/email', limitTo('password'))
  api.use('/api/auth/sign-out', limitTo('api'))
  api.use('/api/auth/oidc/start', limitTo('api'))
  api.use('/api/auth/oidc/callback', limitTo('sign-in'))
  // A sign-in page asks for a passkey challenge by itself: only answers to one are guesses.
  api.use('/api/auth/passkey/*', limitTo('api'))
  api.use('/api/auth/passkey/verify-*', guard('sign-in'), limitTo('sign-in'))
  api.post('/api/auth/sign-in/code', (c) => signInByCode(c, app))
  api.all('/api/auth/*', async (c) => {
    const endpoint = c.req.path.slice('/api/auth'.length)
    if (!identity.endpoints.has(`${c.req.method} ${endpoint}`)) throw new AppError('not_found')
    if (endpoint === ADDS_PASSKEY || endpoint === '/passkey/generate-register-options') mayAddPasskey(c)
    const answer = await identity.handle(await withOrigin(c, app.settings.PUBLIC_URL))
    if (answer.status < 400) await endFormer(c, answer.headers.getSetCookie())
    const means = SIGN_INS[endpoint]
    if (means) return await afterSignIn(c, app, answer, means)
    if (endpoint === ADDS_PASSKEY && answer.ok) return await afterPasskey(c, app, answer)
    return endpoint === '/sign-out' && answer.ok ? await signedOut(c, app, answer) : answer
  })
}

/** What the vendor refuses, as a problem document like every other; nothing of it is kept by anybody. */
const inOurWords: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  const { status, headers } = c.res
  if (status >= 400 && !headers.get('content-type')?.startsWith('application/problem+json')) {
    const said = (await c.res.json().catch(() => ({}))) as { message?: string }
    const [code = 'internal'] = Object.entries(ERROR_CODES).find(([, each]) => each.status === status) ?? []
    const cookies = headers.getSetCookie()
    const error = new AppError(code as ErrorCode, said.message)
    // A sign-in that failed has left its event.
    const isSignIn = SIGN_INS[c.req.path.slice('/api/auth'.length)] !== undefined
    c.res = await problemResponse(isSignIn ? alreadyTold(error) : error, c)
    for (const line of cookies) c.res.headers.append('set-cookie', line)
  }
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}

/** Told before the password is looked at: a session that the browser drops would look like a sign-in that never ends. */
const wantsCookies: MiddlewareHandler<Env> = async (c, next) => {
  if (keepsNoCookies(c.req.raw.headers)) {
    throw new AppError(
      'invalid',
      'Your browser keeps no cookies of this site, and nobody can be signed in without. Allow them, then load the page again.',
    )
  }
  await next()
}

async function signedOut(c: HonoContext<Env>, app: App, answer: Response): Promise<Response> {
  const { actor } = c.get('ctx')
  if (actor.kind === 'user') await app.call(recordSignOut, { userId: actor.id }, system(app))
  // Nothing of what this person saw stays in the browser.
  answer.headers.set('clear-site-data', '"cache", "storage"')
  return answer
}

/** The guard in front has judged the caller; Better Auth itself refuses requests that carry no Origin at all. */
async function withOrigin(c: HonoContext<Env>, publicUrl: string): Promise<Request> {
  const request = c.req.raw
  const headers = new Headers(request.headers)
  headers.set('origin', publicUrl)
  const body = request.method === 'GET' ? undefined : (await c.req.text()) || undefined
  return new Request(request.url, { method: request.method, headers, body })
}

const system = (app: App) => app.newContext({ kind: 'system', id: 'identity' })

async function afterSignIn(
  c: HonoContext<Env>,
  app: App,
  answer: Response,
  means: 'password' | 'passkey',
): Promise<Response> {
  const body = (await answer
    .clone()
    .json()
    .catch(() => null)) as { user?: { id?: string } } | null
  const proved = answer.ok ? (body?.user?.id ?? null) : null
  // Whoever was deactivated is answered as somebody who mistyped is, and nothing begins.
  const gone = proved !== null && !(await isMember(app.db, proved))
  const userId = gone ? null : proved
  // A passkey within one's own session is that session's second factor, not a way in.
  const within = means === 'passkey' && c.get('ctx').actor.id === userId
  if (userId && !within) await holdToSso(app, userId, means, answer)
  if (gone) await endBegun(app, answer)
  const reason = gone ? 'deactivated' : 'wrong_credentials'
  await app.call(recordSignIn, { userId: proved, ok: userId !== null, means, reason }, system(app))
  if (!userId) {
    if (answer.status < 500) notice(c, means === 'password' ? 'sign-in-refused' : 'code-refused')
    return gone ? wrongCredentials(means) : answer
  }
  // The generated password has been read, or it would not have worked.
  await rm(firstPasswordFile(app.settings.DATA_DIR), { force: true })
  return await begun(app, answer.headers.getSetCookie(), await knowDevice(c, userId))
}

/** The vendor has begun the session by now: where it must not be, it ends before anybody has its cookie. */
async function holdToSso(app: App, userId: string, means: 'password' | 'passkey', answer: Response) {
  try {
    await requireSso(app, userId, means)
  } catch (error) {
    await endBegun(app, answer)
    throw error
  }
}

/** Ends the session whose cookie this answer would have handed out. */
async function endBegun({ ports: { identity } }: App, answer: Response): Promise<void> {
  const session = await identity.whoIs(new Headers({ cookie: cookieOf(answer.headers.getSetCookie()) }))
  if (session) await identity.endSession(session.sessionId)
}

/** As the vendor says it. */
const wrongCredentials = (means: 'password' | 'passkey') =>
  Response.json(
    { message: means === 'password' ? 'Invalid email or password' : 'Authentication failed' },
    { status: 401 },
  )

/** A code from a mail is checked by us; the session that follows is the vendor's as any other. */
async function signInByCode(c: HonoContext<Env>, app: App): Promise<Response> {
  const { identity } = app.ports
  if (!identity.openSession) throw new AppError('not_found')
  const input = await c.req.json().catch(() => null)
  const { userId } = await app.call(redeemSignInCode, input, system(app))
  if (!userId) {
    notice(c, 'code-refused')
    throw alreadyTold(new AppError('forbidden', 'This code is not right, or too old. Ask for a new one.'))
  }
  await requireSso(app, userId, 'code')
  const cookies = await identity.openSession(userId, c.req.raw.headers)
  await endFormer(c, cookies)
  return await begun(app, cookies, await knowDevice(c, userId))
}

/** The line of the cookie by which this browser is known for this person's from now on. */
async function knowDevice(c: HonoContext<Env>, userId: string): Promise<string[]> {
  const { db } = c.get('app')
  const [person] = await db
    .select({ email: personFacts.email })
    .from(personFacts)
    .where(eq(personFacts.id, userId))
  return person ? [await signedIn(c, person.email)] : []
}

const cookieOf = (lines: string[]) => lines.map((line) => line.split(';', 1)[0]).join('; ')

/** What a page needs to know of its new session: no token, only what is still owed. */
async function begun(app: App, cookies: string[], more: string[]): Promise<Response> {
  const actor = await app.actorFromHeaders(new Headers({ cookie: cookieOf(cookies) }))
  const owes = actor?.kind === 'user' ? (actor.owes ?? null) : null
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' })
  for (const line of [...cookies, ...more]) headers.append('set-cookie', line)
  return new Response(JSON.stringify({ owes }), { headers })
}

/** Whoever has a factor shows it before they add another: a stolen password must not bring its own passkey. */
function mayAddPasskey(c: HonoContext<Env>): void {
  const { actor } = c.get('ctx')
  if (actor.kind !== 'user') throw new AppError('unauthenticated')
  if (actor.owes === 'prove') throw new AppError('second_factor')
  if (actor.stale && !actor.owes) throw new AppError('reauthenticate')
  if (actor.apiKey) throw new AppError('forbidden', 'This takes a person: an API key can’t do it.')
}

async function afterPasskey(c: HonoContext<Env>, app: App, answer: Response): Promise<Response> {
  const { id } = (await answer.json()) as { id: string }
  const { actor } = c.get('ctx')
  const sessionId = actor.kind === 'user' ? (actor.sessionId ?? null) : null
  await app.call(recordPasskey, { userId: actor.id, passkeyId: id, sessionId }, system(app))
  await renewToken(c)
  return c.json({ id }, 200, { 'cache-control': 'no-store' })
}
