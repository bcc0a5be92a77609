import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { Suspect } from '#portal/modules/abuse/count-signals.ts'
import type { App } from '#portal/platform/app.ts'
import { ANONYMOUS, type Context } from '#portal/platform/context.ts'
import { clientAddress, proxyTrust } from './client-address.ts'
import { createCountryDatabase } from './country-database.ts'

export type Env = {
  Bindings: HttpBindings
  Variables: {
    app: App
    requestId: string
    ip: string
    ctx: Context
    /** Set at doors that are kept against abuse. */
    suspect?: Suspect
    /** What this browser has proved before, by which it is counted in place of its address. */
    known?: string | undefined
  }
}

/** Gives each request its ID, its caller's address (behind TRUST_PROXY hops) and the context that operations want. */
export function requestContext(app: App): MiddlewareHandler<Env> {
  const countryAt = countriesOf(app)
  const trust = proxyTrust(app.settings.TRUST_PROXY, app.settings.TRUSTED_PROXIES)
  return async (c, next) => {
    const requestId = `req_${randomUUID().replaceAll('-', '')}`
    const ip = clientAddress(c.env.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'), trust)
    c.set('app', app)
    c.set('requestId', requestId)
    c.set('ip', ip)
    const actor = (await app.actorFromHeaders(c.req.raw.headers)) ?? ANONYMOUS
    const country = await countryAt(c, ip)
    c.set('ctx', app.newContext(actor, { requestId, ip, country }))
    await next()
    // Nobody reads what HEAD would carry: what stands behind it, a listener or a connection to the database, is let go here.
    if (c.req.method === 'HEAD') await c.res.body?.cancel()
    c.header('x-request-id', requestId)
    // No other site may read an answer, said aloud: browsers would hold to it without.
    c.header('access-control-allow-origin', app.settings.PUBLIC_URL)
  }
}

/** Where a request comes from: by the proxy's header where one is named, else by the offline database. */
function countriesOf(app: App): (c: HonoContext<Env>, ip: string) => Promise<string | null> {
  const { COUNTRY_HEADER, COUNTRY_DATABASE } = app.settings
  if (COUNTRY_HEADER) return async (c) => countryOf(c.req.header(COUNTRY_HEADER))
  if (COUNTRY_DATABASE === 'off') return async () => null
  const lookUp = createCountryDatabase(COUNTRY_DATABASE, app.log)
  return (_, ip) => lookUp(ip)
}

/** Two letters of ISO 3166-1; proxies write XX or T1 where they do not know. */
function countryOf(header: string | undefined): string | null {
  const code = header?.trim().toUpperCase() ?? ''
  return /^[A-Z]{2}$/.test(code) && code !== 'XX' ? code : null
}
