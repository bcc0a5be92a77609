import { bounded } from './describe-bounds.ts'
import { doorPaths } from './describe-doors.ts'

type Json = { [key: string]: unknown }
type Parameter = { name: string; in: string }
type Operation = {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  responses: Record<string, Json>
  'x-operation'?: string
}
type Paths = Record<string, Record<string, Operation>>
/** An OpenAPI 3.1 document, as far as it is written here. */
export type ApiDocument = { paths: Paths; components: Record<string, Json>; [key: string]: unknown }

/** What any operation may be answered besides what it is for. */
const REFUSALS: Record<string, [name: string, description: string]> = {
  400: ['Invalid', 'The request is not valid; `errors` says where and why'],
  401: ['Unauthenticated', 'Not signed in, or the credentials are not right'],
  403: ['Forbidden', 'Not allowed'],
  404: ['NotFound', 'Not found'],
  409: ['Conflict', 'It has changed in the meantime, or is not in the state for this'],
  410: ['Gone', 'It was there and is no more'],
  413: ['TooLarge', 'The body is too large'],
  415: ['UnsupportedMedia', 'Not a type of content that is taken here'],
  429: ['TooMany', 'Too many requests; `Retry-After` says when to come back'],
  500: ['Internal', 'Something went wrong on our side; the request ID finds it in our records'],
  503: ['Unavailable', 'Not available right now; `Retry-After` says when to come back'],
}
/** By an SPDX identifier, which only OpenAPI 3.1 knows. */
const LICENCE = { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' }
const STANDING = ['RateLimit', 'RateLimit-Policy', 'Access-Control-Allow-Origin']
const STAFF: Record<string, string> = { session: 'staffSession', apiKey: 'staffKey' }

/**
 * Completes the document that the routes' own schemas make: what every operation has in common, the doors that are no
 * operation, and bounds on everything that may be sent or answered.
 */
export function describeApi(made: object): ApiDocument {
  const document = structuredClone(made) as ApiDocument
  document.info = { ...(document.info as Json), license: LICENCE }
  document.paths = withLinksNamed({ ...withUniqueIds(document.paths), ...(doorPaths() as Paths) })
  const tags = new Set<string>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) {
      complete(path, operation)
      for (const tag of operation.tags ?? []) tags.add(tag)
    }
  }
  const { headers, responses } = sharedParts()
  document.components = { ...document.components, headers, responses }
  document.tags = [...tags].sort().map((name) => ({ name, description: `Operations named ${name}.*` }))
  return bounded(document)
}

function complete(path: string, operation: Operation): void {
  const { operationId, responses } = operation
  const action = operation['x-operation']
  operation.tags ??= [operationId.split('.', 1)[0] ?? 'portal']
  operation.description ??= action
    ? `${operation.summary}. In the audit log and in the scopes of API keys: \`${action}\`.`
    : `${operation.summary}.`
  operation.security = (operation.security ?? [{ viewer: [] }, {}]).map((each) => schemesFor(path, each))
  for (const [status, [name]] of Object.entries(REFUSALS)) {
    responses[status] ??= { $ref: `#/components/responses/${name}` }
  }
  for (const [status, response] of Object.entries(responses)) {
    if (!response.$ref) response.headers = { ...headersFor(status), ...(response.headers as Json) }
  }
}

/** Staff's doors ask for more than a session: a role, a second factor, often a group. Scopes are OAuth's alone here. */
function schemesFor(path: string, security: Record<string, string[]>): Record<string, string[]> {
  const named = Object.keys(security).map((name) => (path.includes('/admin') ? (STAFF[name] ?? name) : name))
  return Object.fromEntries(named.map((name) => [name, []]))
}

const headersFor = (status: string): Json =>
  Object.fromEntries(
    [...STANDING, ...(status === '429' || status === '503' ? ['Retry-After'] : [])].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  )

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

function sharedParts(): { headers: Json; responses: Json } {
  const header = (description: string, schema: Json) => ({ description, schema })
  const headers = {
    RateLimit: header('What is left, by draft-ietf-httpapi-ratelimit-headers-11', { type: 'string' }),
    'RateLimit-Policy': header('What is counted, by the same draft', { type: 'string' }),
    'Retry-After': header('Seconds until a retry can succeed', { type: 'integer', minimum: 0 }),
    'Access-Control-Allow-Origin': header('The portal itself: no other site may read answers', {
      type: 'string',
      format: 'uri',
    }),
  }
  const responses = Object.fromEntries(
    Object.entries(REFUSALS).map(([status, [name, description]]) => [
      name,
      { description, headers: headersFor(status), content: problem },
    ]),
  )
  return { headers, responses }
}

/** In a document the secret of a link is named after the link: a parameter that is called a token looks like a credential. */
function withLinksNamed(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => {
      for (const { parameters = [] } of Object.values(methods)) {
        for (const each of parameters) if (each.in === 'path' && each.name === 'token') each.name = 'link'
      }
      return [path.replace('{token}', '{link}'), methods]
    }),
  )
}

/** One operation may stand behind two doors: the second one's name says whose it is. */
function withUniqueIds(paths: Paths): Paths {
  const seen = new Set<string>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) {
      operation['x-operation'] = operation.operationId
      if (seen.has(operation.operationId)) {
        operation.operationId += path.includes('/admin') ? '.staff' : '.own'
      }
      seen.add(operation.operationId)
    }
  }
  return paths
}
