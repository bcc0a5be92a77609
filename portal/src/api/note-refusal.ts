import type { Context as HonoContext } from 'hono'
import { matchedRoutes } from 'hono/route'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { isTold } from '#portal/platform/refusals.ts'
import type { Env } from './request-context.ts'

const REFUSING = ['unauthenticated', 'forbidden', 'second_factor']

/**
 * Leaves the event of a refusal by the door itself: a wrong secret or key, another site's page, a page for staff. What an
 * operation refused left its own. Routes are named by their pattern: an address may hold a secret.
 */
export async function noteRefusal(error: unknown, c: HonoContext<Env>): Promise<void> {
  if (!isAppError(error) || !REFUSING.includes(error.code) || isTold(error)) return
  const app = c.get('app')
  const ctx = c.get('ctx') ?? app.newContext(ANONYMOUS, { requestId: c.get('requestId'), ip: c.get('ip') })
  const reason = error.details.reason ?? (error.code === 'unauthenticated' ? 'no_session' : error.code)
  await app.refusals.note({ action: 'request.admit', reason, target: { type: 'route', id: routeOf(c) } }, ctx)
}

function routeOf(c: HonoContext<Env>): string {
  const named = matchedRoutes(c).filter(({ path }) => !path.endsWith('*'))
  return named.at(-1)?.path ?? '/*'
}
