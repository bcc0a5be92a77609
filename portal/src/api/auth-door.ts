import { rm } from 'node:fs/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { firstPasswordFile } from '#portal/modules/identity/first-administrator.ts'
import { recordSignIn } from '#portal/modules/identity/record-sign-in.ts'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { LIMITS, limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

/** The identity vendor's endpoints behind our own guard, limits and log; only those that we mean to have. */
export function mountAuth(api: OpenAPIHono<Env>, app: App): void {
  const { identity } = app.ports
  api.use('/api/auth/sign-in/*', limitTo(LIMITS.signIn, 'ip'))
  api.all('/api/auth/*', async (c) => {
    const endpoint = c.req.path.slice('/api/auth'.length)
    if (!identity.endpoints.has(`${c.req.method} ${endpoint}`)) throw new AppError('not_found')
    const answer = await identity.handle(await withOrigin(c.req.raw, app.settings.PUBLIC_URL))
    if (endpoint === '/sign-in/email') await afterSignIn(app, answer.clone())
    return answer
  })
}

/** The guard in front has judged the caller; Better Auth itself refuses requests that carry no Origin at all. */
async function withOrigin(request: Request, publicUrl: string): Promise<Request> {
  const headers = new Headers(request.headers)
  headers.set('origin', publicUrl)
  const body = request.method === 'GET' ? undefined : (await request.text()) || undefined
  return new Request(request.url, { method: request.method, headers, body })
}

async function afterSignIn(app: App, answer: Response): Promise<void> {
  const body = (await answer.json().catch(() => null)) as { user?: { id?: string } } | null
  const userId = answer.ok ? (body?.user?.id ?? null) : null
  await app.call(
    recordSignIn,
    { userId, ok: userId !== null },
    app.newContext({ kind: 'system', id: 'identity' }),
  )
  // The generated password has been read, or it would not have worked.
  if (userId) await rm(firstPasswordFile(app.settings.DATA_DIR), { force: true })
}
