import type { Context } from 'hono'
import { Hono } from 'hono'
import { z } from 'zod'
import { createStoredCredentials } from '#engine/credentials/credentials.ts'
import { fixtureInstead } from '#engine/fixtures/fixture-answers.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, errorBody, notFound } from '#engine/platform/errors.ts'
import type { UploadParts } from '#engine/uploads/upload-parts.ts'
import { authenticate } from './authenticate.ts'
import type { Endpoint } from './endpoint.ts'
import { createRateLimit } from './rate-limit.ts'
import { readBody, readParam, readQuery } from './read-request.ts'
import { endpoints } from './routes.ts'

const TOO_MANY = 'Too many requests. Wait as long as Retry-After says.'

type Variables = { credentialId: string }

/** The REST API: /video/v1 and /system/v1 behind Basic authentication, errors in Mux's shape, no CORS. */
export function createApi(ctx: EngineContext, uploads: UploadParts): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>()
  const storedCredential = createStoredCredentials(ctx)
  const rateLimit = createRateLimit(ctx.settings.apiRateLimits)
  app.onError((error, c) => answerError(ctx, error, c))
  app.notFound((c) => c.json(errorBody(404, notFound().messages), 404))
  app.use(async (c, next) => {
    const authorization = c.req.header('authorization')
    const credentialId =
      authenticate(authorization, ctx.settings.credentials) ?? (await storedCredential(authorization))
    if (credentialId === null) {
      return c.json(errorBody(401, ['Unauthorized request']), 401, {
        'www-authenticate': 'Basic realm="engine"',
      })
    }
    const wait = rateLimit(credentialId, c.req.method, ctx.clock())
    if (wait > 0) return c.json({ errors: [TOO_MANY] }, 429, { 'retry-after': String(wait) })
    c.set('credentialId', credentialId)
    c.header('cache-control', 'no-store')
    await next()
    const instead = ctx.settings.fixtures && fixtureInstead(c.req.method, c.req.path, c.res.status)
    if (instead) c.res = instead
  })
  for (const endpoint of endpoints) {
    for (const path of endpoint.paths) app.on(endpoint.method, path, (c) => answer(ctx, uploads, endpoint, c))
  }
  for (const [path, allow] of allowedMethods()) {
    app.all(path, (c) => c.json(errorBody(405, [`Only ${allow} can be asked of this URL.`]), 405, { allow }))
  }
  return app
}

/** The methods of each URL, as the Allow header lists them (RFC 9110, 10.2.1). */
function allowedMethods(): Map<string, string> {
  const methods = new Map<string, string[]>()
  for (const { method, paths } of endpoints) {
    for (const path of paths) methods.set(path, [...(methods.get(path) ?? []), method])
  }
  return new Map([...methods].map(([path, each]) => [path, each.join(', ')]))
}

async function answer(
  ctx: EngineContext,
  uploads: UploadParts,
  endpoint: Endpoint,
  c: Context<{ Variables: Variables }>,
): Promise<Response> {
  const outcome = await endpoint.run({
    ctx,
    uploads,
    param: (name) => readParam(c.req.param(name)),
    query: readQuery(c.req.url),
    body: endpoint.body ? endpoint.body.parse(await readBody(c.req.raw)) : undefined,
    credentialId: c.get('credentialId'),
  })
  return outcome.status === 204 ? c.body(null, 204) : c.json(outcome.body, outcome.status)
}

function answerError(ctx: EngineContext, error: Error, c: Context): Response {
  if (error instanceof ApiError) {
    // A conflict stays one however often the SDK, which retries 409 by itself, asks again.
    const headers = error.status === 409 ? { 'x-should-retry': 'false' } : undefined
    return c.json(errorBody(error.status, error.messages), error.status, headers)
  }
  if (error instanceof z.ZodError) return c.json(errorBody(400, error.issues.map(describe)), 400)
  ctx.log.error({ err: error, method: c.req.method, route: c.req.path }, 'request failed')
  return c.json(errorBody(500, ['Something went wrong in the engine. Try again later.']), 500)
}

function describe(issue: z.core.$ZodIssue): string {
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message
}
