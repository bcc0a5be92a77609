import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { takesPerson } from '#portal/platform/api-key-scopes.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { renewToken } from './renew-token.ts'
import type { Env } from './request-context.ts'

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

export type OperationRoute = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** With `{name}` parameters. */
  path: string
  summary: string
  operation: AnyOperation
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodObject
  /** Shape of the answer, for the document and for those who rely on it. */
  answer: z.ZodType
  status?: 200 | 201 | 202 | 204
  /** Where the result may be one that is not done yet: 202 with this shape. */
  accepted?: { answer: z.ZodType; when: (result: never) => boolean }
  before?: MiddlewareHandler<Env>[]
  /** Whether this result was a proof of identity: the caller's session gets another token then. */
  proves?: (result: never) => boolean
}

const SESSION = { type: 'apiKey', in: 'cookie', name: '__Host-mm.session_token' } as const
const KEY = { type: 'http', scheme: 'bearer', bearerFormat: 'mmk_' } as const
const SCOPES =
  'Its scopes are the operations’ names, or areas such as share.*; it never exceeds what its owner may do.'

/** How callers may prove who they are, for the OpenAPI document. */
export function describeCredentials(api: OpenAPIHono<Env>): void {
  const schemes = {
    session: { ...SESSION, description: 'Session of a signed-in person' },
    staffSession: {
      ...SESSION,
      description: 'Session of an administrator who has shown a second factor; often of one staff group',
    },
    apiKey: { ...KEY, description: `API key of a person, made under Account, API keys. ${SCOPES}` },
    staffKey: { ...KEY, description: `API key of an administrator. ${SCOPES}` },
    viewer: {
      type: 'apiKey',
      in: 'cookie',
      name: '__Host-mm-viewer',
      description: 'What a browser holds that came through a link’s gate; the link itself stands in the path',
    },
    operator: {
      type: 'http',
      scheme: 'bearer',
      description: 'A secret of the installation: CRON_SECRET, METRICS_TOKEN',
    },
  } as const
  for (const [name, scheme] of Object.entries(schemes)) {
    api.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  }
}

function credentialsFor({ action, allow }: AnyOperation): Record<string, string[]>[] {
  if (allow.anyone) return [{}]
  return takesPerson(action) ? [{ session: [] }] : [{ session: [] }, { apiKey: [action] }]
}

/**
 * The thin HTTP door: parameters, query and body become the operation's input, its result the answer. The schema for
 * the OpenAPI document is the one that validates.
 */
export function operationRoute(api: OpenAPIHono<Env>, spec: OperationRoute): void {
  const status = spec.status ?? 200
  const route = createRoute({
    method: spec.method,
    path: spec.path,
    operationId: spec.operation.action,
    summary: spec.summary,
    security: credentialsFor(spec.operation),
    request: {
      ...(spec.params ? { params: spec.params } : {}),
      ...(spec.query ? { query: spec.query } : {}),
      ...(spec.body
        ? { body: { required: true, content: { 'application/json': { schema: spec.body } } } }
        : {}),
    },
    responses: {
      [status]:
        status === 204
          ? { description: 'Done' }
          : { description: 'Done', content: { 'application/json': { schema: spec.answer } } },
      ...(spec.accepted
        ? {
            202: {
              description: 'Waits for a second person',
              content: { 'application/json': { schema: spec.accepted.answer } },
            },
          }
        : {}),
    },
    middleware: spec.before ?? [],
  })
  api.openapi(route, async (c) => {
    const read = (part: 'param' | 'query' | 'json') => c.req.valid(part as never) as Record<string, unknown>
    const input = {
      ...(spec.query ? read('query') : {}),
      ...(spec.body ? read('json') : {}),
      ...(spec.params ? read('param') : {}),
    }
    const result = await c.get('app').call(spec.operation, input, c.get('ctx'))
    if (spec.proves?.(result as never)) await renewToken(c)
    if (status === 204) return c.body(null, 204)
    const waits = spec.accepted?.when(result as never) ?? false
    return c.json(result, waits ? 202 : status, { 'cache-control': 'no-store' }) as never
  })
}
