import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { ADDITIONS, OWN_OPERATIONS } from './additions.ts'

export type Schema = { [keyword: string]: unknown; properties?: Record<string, Schema> }
export type Answers = Record<string, { content?: Record<string, { schema: Schema }> }>
/** Operations by path template and method, as in an OpenAPI document. */
export type Operations = Record<string, Record<string, { responses: Answers }>>

type Operation = { template: string; responses: Answers; isPlayback: boolean }

const file = new URL('../vectors/mux/openapi-components.json', import.meta.url)
const document = JSON.parse(readFileSync(file, 'utf8')) as {
  paths: Operations
  components: { schemas: Record<string, Schema> }
}

/** Answers that any operation may give; Mux's document names hardly any, its shapes are the same everywhere. */
const REFUSALS = [400, 401, 403, 404, 405, 409, 412, 413, 422, 500, 503]

const ajv = createAjv()

function createAjv() {
  const made = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(made)
  made.addFormat('boolean', true)
  const components = { schemas: {} as Record<string, Schema> }
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    components.schemas[name] = exact(schema, ADDITIONS[name])
  }
  made.addSchema({ $id: 'mux', components })
  return made
}

/** Mux leaves other fields open; here a misspelt one is a fault. A string of format int64 holds digits only. */
function exact(schema: Schema, additions: Record<string, Schema> = {}): Schema {
  const copy: Schema = {}
  for (const [keyword, value] of Object.entries(schema)) copy[keyword] = inside(keyword, value)
  if (schema.type === 'string' && schema.format === 'int64') copy.pattern = '^[0-9]+$'
  if (!schema.properties) return copy
  return { ...copy, properties: { ...copy.properties, ...additions }, unevaluatedProperties: false }
}

function inside(keyword: string, value: unknown): unknown {
  if (keyword === '$ref') return `mux${value}`
  if (keyword === 'properties') {
    return Object.fromEntries(
      Object.entries(value as Record<string, Schema>).map(([name, each]) => [name, exact(each)]),
    )
  }
  if (Array.isArray(value)) return value.map((each) => inside('', each))
  return typeof value === 'object' && value !== null ? exact(value as Schema) : value
}

const validators = new Map<string, ValidateFunction>()

function faultsOf(schema: Schema, body: unknown): string[] {
  const key = JSON.stringify(schema)
  const validate = validators.get(key) ?? ajv.compile(exact(schema))
  validators.set(key, validate)
  if (validate(body)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`,
  )
}

/** Ways in which a body departs from one component of the document. */
export const componentFaults = (name: string, body: unknown) =>
  faultsOf({ $ref: `#/components/schemas/${name}` }, body)

const operations: (Operation & { method: string; pattern: RegExp })[] = Object.entries({
  ...document.paths,
  ...OWN_OPERATIONS,
})
  .flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      template,
      responses,
      method: method.toUpperCase(),
      pattern: patternOf(template),
      isPlayback: template.startsWith('/{PLAYBACK_ID}'),
    })),
  )
  // Fixed words win over parameters.
  .toSorted((a, b) => a.template.split('{').length - b.template.split('{').length)

function patternOf(template: string): RegExp {
  const parts = template.split(/\{[A-Z_]+\}/).map((part) => part.replaceAll('.', '\\.'))
  return new RegExp(`^${parts.join('[^/]+?')}$`)
}

/** The methods of each documented path of the REST API, Mux's and our own. */
export function documentedMethods(): Map<string, string[]> {
  const rest = operations.filter(({ isPlayback }) => !isPlayback)
  return new Map(
    Object.entries(Object.groupBy(rest, ({ template }) => template)).map(([template, each = []]) => [
      template,
      each.map(({ method }) => method),
    ]),
  )
}

/** What the document says of a request; null if it is no operation that Mux or the engine documents. */
export function operationOf(method: string, pathname: string): Operation | null {
  const asked = method === 'HEAD' ? 'GET' : method
  const rest = isRestPath(pathname)
  return (
    operations.find(
      (each) => each.method === asked && each.isPlayback !== rest && each.pattern.test(pathname),
    ) ?? null
  )
}

/** Whether the path is part of the documented surface, whatever the method. */
export const isRestPath = (pathname: string) => /^\/(video|system)\/v1(\/|$)/.test(pathname)

export type Seen = { method: string; pathname: string; status: number; type: string; text: string | null }

/** Ways in which an answer departs from what is documented; `text` is null where the body was not read. */
export function answerFaults(seen: Seen): string[] {
  const { method, pathname, status } = seen
  const operation = operationOf(method, pathname)
  if (!operation && !isRestPath(pathname)) return []
  const faults = operation ? operationFaults(operation, seen) : undocumentedFaults(seen)
  return faults.map((fault) => `${method} ${operation?.template ?? pathname} → ${status}: ${fault}`)
}

/** What is not there is refused, in the one shape of refusals. */
function undocumentedFaults(seen: Seen): string[] {
  const expected = [401, 404, 405, 429]
  if (!expected.includes(seen.status)) return [`nothing documented may be answered but ${expected}`]
  return refusalFaults(seen, false)
}

function operationFaults(operation: Operation, seen: Seen): string[] {
  const { status, type, text, method } = seen
  if (operation.isPlayback && (status === 206 || status === 304 || status === 416)) return []
  const documented = operation.responses[status]
  if (!documented || (status >= 400 && !documented.content)) {
    if (REFUSALS.includes(status) || status === 429) return refusalFaults(seen, operation.isPlayback)
    return ['this status is not documented']
  }
  const contents = Object.entries(documented.content ?? {})
  if (contents.length === 0) return text ? ['the body should be empty'] : []
  const content = contents.find(([each]) => type.startsWith(each))
  if (!content) return [`content-type is ${type || 'missing'}, not ${contents.map(([each]) => each)}`]
  // Files and playlists have no schema but "a string".
  if (method === 'HEAD' || text === null || (operation.isPlayback && status === 200)) return []
  return jsonFaults(content[1].schema, text)
}

function refusalFaults({ status, type, text, method }: Seen, isPlayback: boolean): string[] {
  if (method === 'HEAD' || text === null) return []
  if (!type.startsWith('application/json')) return [`content-type is ${type || 'missing'}`]
  const name = isPlayback
    ? 'PlaybackErrorResponse'
    : status === 429
      ? 'RateLimitedResponse'
      : 'UnauthorizedResponse'
  return jsonFaults({ $ref: `#/components/schemas/${name}` }, text)
}

function jsonFaults(schema: Schema, text: string): string[] {
  try {
    return faultsOf(schema, JSON.parse(text))
  } catch {
    return ['the body is not JSON']
  }
}
