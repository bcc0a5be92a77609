import { randomUUID } from 'node:crypto'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { abuseWatchOf } from '#portal/modules/abuse/watch-abuse.ts'
import { receiveWebhook } from '#portal/modules/webhooks/receive-webhook.ts'
import { MAX_WEBHOOK_BYTES } from '#portal/modules/webhooks/rules.ts'
import type { App } from '#portal/platform/app.ts'
import { ANONYMOUS } from '#portal/platform/context.ts'
import { placeOf } from './abuse-guard.ts'
import { clientAddress, proxyTrust } from './client-address.ts'
import { problemSchema } from './operation-route.ts'
import type { Env } from './request-context.ts'

/** The service's own deadline for an answer is five seconds. */
const BODY_MS = 10_000

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

/** No session and no key counts here: what a caller sends beside the signature must not get them refused uncounted. */
function nobodyInParticular(app: App): MiddlewareHandler<Env> {
  const trust = proxyTrust(app.settings.TRUST_PROXY, app.settings.TRUSTED_PROXIES)
  return async (c, next) => {
    const requestId = `req_${randomUUID().replaceAll('-', '')}`
    const ip = clientAddress(c.env.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'), trust)
    c.set('app', app)
    c.set('requestId', requestId)
    c.set('ip', ip)
    c.set('ctx', app.newContext(ANONYMOUS, { requestId, ip }))
    await next()
    if (c.res.status === 401) abuseWatchOf(app).notice('webhook-refused', placeOf(app, ip))
    c.header('x-request-id', requestId)
    c.header('access-control-allow-origin', app.settings.PUBLIC_URL)
  }
}

const route = (app: App) =>
  createRoute({
    method: 'post',
    path: '/api/webhooks/mux',
    operationId: 'webhook.receive',
    summary: 'Events of the video service; stored, then answered, then applied',
    security: [{}],
    request: { headers: z.object({ 'mux-signature': z.string().optional() }) },
    responses: {
      200: {
        description: 'Stored',
        content: { 'application/json': { schema: z.object({ status: z.enum(['stored', 'known']) }) } },
      },
      400: problem('Signed, and no event'),
      401: problem('The signature does not verify, or this very request came before'),
      413: problem('Larger than 1 MiB'),
    },
    middleware: [nobodyInParticular(app)],
  })

/** Its own door: the signature is over the raw bytes, which are read here and nowhere parsed before it holds. */
export function mountWebhooks(api: OpenAPIHono<Env>, app: App): void {
  api.openapi(route(app), async (c) => {
    const signature = c.req.header('mux-signature') ?? null
    const input = { ...(await readUpTo(c.req.raw, MAX_WEBHOOK_BYTES)), signature }
    return c.json(await app.call(receiveWebhook, input, c.get('ctx')), 200)
  })
}

type Read = { body: Uint8Array | null; bodyBytes: number; cutOff?: boolean }

/** The whole body, or null once it has more bytes than `limit`; then the rest stays unread. */
async function readUpTo(request: Request, limit: number): Promise<Read> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) return { body: null, bodyBytes: declared }
  const reader = request.body?.getReader()
  const late = setTimeout(() => void reader?.cancel(), BODY_MS)
  const began = performance.now()
  const chunks: Uint8Array[] = []
  let bodyBytes = 0
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      bodyBytes += next.value.byteLength
      if (bodyBytes > limit) return { body: null, bodyBytes }
      chunks.push(next.value)
    }
  } catch {
    // The sender went away.
    return { body: new Uint8Array(), bodyBytes, cutOff: true }
  } finally {
    clearTimeout(late)
  }
  return { body: Buffer.concat(chunks), bodyBytes, cutOff: performance.now() - began >= BODY_MS }
}
