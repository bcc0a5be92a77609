import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { limiterOf } from '#portal/modules/limits/check-request.ts'
import type { LimitClass } from '#portal/modules/limits/rules.ts'
import type { App } from '#portal/platform/app.ts'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { equalInConstantTime } from '#portal/platform/crypto.ts'
import { clientAddress, proxyTrust } from './client-address.ts'
import { problemResponse } from './problem.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>

const TOLD = ['ratelimit', 'ratelimit-policy'] as const

/** Puts a limit by address in front of what is no route of the API: pages, and the engine's own interface. */
export function limitedDoor(app: App, name: LimitClass, handle: Handler): Handler {
  const door = new Hono<Env>()
  const trust = proxyTrust(app.settings.TRUST_PROXY, app.settings.TRUSTED_PROXIES)
  door.onError(problemResponse)
  door.use(async (c, next) => {
    const requestId = `req_${randomUUID().replaceAll('-', '')}`
    const ip = clientAddress(c.env.incoming.socket.remoteAddress, c.req.header('x-forwarded-for'), trust)
    c.set('app', app)
    c.set('requestId', requestId)
    c.set('ip', ip)
    // Pages ask for themselves who somebody is; here it counts only where a limit is lifted for somebody.
    const isLifted = await limiterOf(app).isLifted(name)
    const person = isLifted ? await app.actorFromHeaders(c.req.raw.headers) : null
    c.set('ctx', app.newContext(person ?? ANONYMOUS, { requestId, ip, country: null }))
    await next()
  })
  door.all('*', limitTo(name), async (c) => {
    const { incoming, outgoing } = c.env
    for (const field of TOLD) {
      const value = c.res.headers.get(field)
      if (value) outgoing.setHeader(field, value)
    }
    await handle(incoming, outgoing)
    return RESPONSE_ALREADY_SENT
  })
  return getRequestListener(door.fetch, { overrideGlobalObjects: false })
}

/**
 * A file of Next's build is no page: it, and one that is not there, is answered without making any. Whatever else stands under
 * /_next/ is answered by a page that says so.
 */
export const isPage = (path: string) => !/^\/_next\/static\/(?!\/|.*(%2[fF]|%5[cC]|\/\/|\/$))./.test(path)

const ENGINE_PATH = /^\/(video|system)\/v1(\/|$)/

/** Requests to the engine's own interface that are not the portal's: by anybody else's credentials, or by none. */
export function strangersAtEngine(own: { id: string; secret: string }) {
  const known = `Basic ${Buffer.from(`${own.id}:${own.secret}`).toString('base64')}`
  return (path: string, { headers }: IncomingMessage) =>
    ENGINE_PATH.test(path) && !equalInConstantTime(headers.authorization ?? '', known)
}
