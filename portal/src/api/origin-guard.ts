import type { MiddlewareHandler } from 'hono'
import { AppError } from '#portal/platform/errors.ts'
import type { Env } from './request-context.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what another site's page sends: a foreign Origin, Sec-Fetch-Site: cross-site, and for changes same-site too:
 * a neighbour's host name or port is another site to us. With neither header the caller is not a browser, and its
 * credentials alone decide.
 */
export const originGuard: MiddlewareHandler<Env> = async (c, next) => {
  const origin = c.req.header('origin')
  const own = c.get('app').settings.PUBLIC_URL
  const foreign =
    origin !== undefined && origin !== own && origin !== sameLoopback(origin, c.req.header('host'))
  // A browser that comes back from the identity service's page; what it brings is bound to a state of its own.
  const returns =
    c.req.method === 'GET' &&
    c.req.header('sec-fetch-mode') === 'navigate' &&
    c.get('app').ports.identity.returnPaths.has(c.req.path.slice('/api/auth'.length))
  if (returns && !foreign) return await next()
  const from = c.req.header('sec-fetch-site')
  const neighbour = from === 'same-site' && !READS.has(c.req.method) && origin === undefined
  if (foreign || neighbour || from === 'cross-site') {
    throw new AppError(
      'forbidden',
      'This request comes from another site. Open the portal itself and try again.',
      { reason: 'foreign_origin' },
    )
  }
  await next()
}

// On this machine the portal also answers to its other loopback names; a page loaded from one of them is its own.
function sameLoopback(origin: string, host: string | undefined): string | null {
  return host && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host) && origin === `http://${host}`
    ? origin
    : null
}
