import fc from 'fast-check'
import { fitting } from './fit-schema.ts'
import {
  type Answered,
  type Contract,
  contractOf,
  type Document,
  type Operation,
  type Parameter,
} from './judge-answer.ts'
import type { Finding } from './scan.ts'

export type Asked = { method: string; path: string; body?: string; anonymous?: true }
export type Walk = {
  document: Document
  ask: (asked: Asked) => Promise<Answered>
  /** How often each operation is asked, each way. */
  rounds: number
  seed: number
  leaveOut?: RegExp
  /** Places that may call valid what their schema can't say, and why. */
  beyondSchema?: Record<string, string>
  until?: number
}
export type Walked = { operations: number; requests: number; done: number; findings: Finding[] }

type Place = { path: string; method: string; operation: Operation }
type State = Walk & {
  contract: Contract
  ids: Map<string, Set<string>>
  findings: Map<string, Finding>
  requests: number
}

/**
 * Asks every operation of a document for values that its schemas allow and for some that they refuse, with IDs that its own
 * lists told. An answer must be of a documented status, type and shape, never a 500; what a schema refuses must be refused,
 * what it allows must not be called invalid, and nobody without credentials gets what asks for them.
 */
export async function walkContract(walk: Walk): Promise<Walked> {
  const { document, rounds, leaveOut } = walk
  const state: State = {
    ...walk,
    contract: contractOf(document),
    ids: new Map(),
    findings: new Map(),
    requests: 0,
  }
  const places = placesOf(document).filter(({ path }) => !leaveOut?.test(path))
  let done = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const place of places) {
      if (performance.now() > (walk.until ?? Number.POSITIVE_INFINITY)) break
      await askRightly(state, place, round)
      await askWrongly(state, place, round)
      await askHostilely(state, place, round)
      if (round === 0) await askAsNobody(state, place)
      done += 1
    }
  }
  if (rounds > 0) await askByOtherMethods(state, places)
  return {
    operations: places.length,
    requests: state.requests,
    done: Math.floor(done / Math.max(1, places.length)),
    findings: [...state.findings.values()],
  }
}

/** Those that read come first: their answers tell IDs that exist. Those that end something come last. */
function placesOf({ paths }: Document): Place[] {
  const order = ({ path, method }: Place) =>
    (method === 'get' ? 0 : method === 'delete' || /revoke|deactivate|erase|reset/.test(path) ? 2 : 1) * 10 +
    path.split('{').length
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .sort((a, b) => order(a) - order(b))
}

const one = <T>(values: fc.Arbitrary<T>, seed: number): T => fc.sample(values, { numRuns: 1, seed })[0] as T
const bodySchema = ({ requestBody }: Operation) => requestBody?.content?.['application/json']?.schema

async function askRightly(state: State, place: Place, round: number): Promise<void> {
  const { path, operation } = place
  const seed = seedOf(state, place, round)
  const schema = bodySchema(operation)
  const body = schema && one(fitting(schema, state.contract.find), seed)
  const answer = await send(state, place, { path: addressOf(state, place, seed), body })
  if (answer.status === 400 && !state.beyondSchema?.[`${place.method.toUpperCase()} ${path}`])
    note(
      state,
      place,
      'valid-refused',
      `calls invalid what its schema allows: ${answer.text.slice(0, 300)}; sent ${JSON.stringify(body)?.slice(0, 300)}`,
    )
  if (answer.status < 300) remember(state, path, answer)
}

async function askWrongly(state: State, place: Place, round: number): Promise<void> {
  const schema = bodySchema(place.operation)
  if (!schema) return
  const seed = seedOf(state, place, round) + 1
  const body = spoilt(one(fitting(schema, state.contract.find), seed), seed)
  if (state.contract.takes(place.path, place.method, body)) return
  const answer = await send(state, place, { path: addressOf(state, place, seed), body })
  if (answer.status < 400)
    note(
      state,
      place,
      'invalid-taken',
      `takes what its schema refuses: ${JSON.stringify(body)?.slice(0, 300)}`,
    )
}

/** Texts that JSON can carry and a table can't hold: U+0000, half of a surrogate pair. They may be refused, never a 500. */
async function askHostilely(state: State, place: Place, round: number): Promise<void> {
  const seed = seedOf(state, place, round) + 2
  const hostile = round % 2 === 0 ? 'a\u0000b' : 'a\ud800b'
  const schema = bodySchema(place.operation)
  const body = schema && withText(one(fitting(schema, state.contract.find), seed), hostile)
  const fits = addressOf(state, place, seed)
  await send(state, place, { path: fits, body })
  if (round % 2 === 0 && place.path.endsWith('}'))
    await send(state, place, { path: fits.replace(/[^/?]+(\?.*)?$/, 'a%00b$1') })
}

const withText = (value: unknown, text: string): unknown =>
  typeof value === 'string'
    ? text
    : Array.isArray(value)
      ? value.map((each) => withText(each, text))
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value).map(([name, each], n) => [name, n % 2 === 0 ? withText(each, text) : each]),
          )
        : value

async function askAsNobody(state: State, place: Place): Promise<void> {
  const { security = [] } = place.operation
  if (security.length === 0 || security.some((each) => Object.keys(each).length === 0)) return
  const seed = seedOf(state, place, 0)
  const schema = bodySchema(place.operation)
  const body = schema && one(fitting(schema, state.contract.find), seed)
  const answer = await send(state, place, { path: addressOf(state, place, seed), body, anonymous: true })
  if (answer.status < 400)
    note(state, place, 'no-credentials', `answers ${answer.status} to nobody in particular`)
}

/** RFC 9110, 15.5.6: a method that a path does not know is answered by 405 and the ones that it does. */
async function askByOtherMethods(state: State, places: Place[]): Promise<void> {
  const known = new Map<string, Set<string>>()
  for (const { path, method } of places) known.set(path, (known.get(path) ?? new Set()).add(method))
  for (const place of places.filter(({ path }, n) => places.findIndex((each) => each.path === path) === n)) {
    const method = ['put', 'delete', 'patch', 'post', 'get'].find((each) => !known.get(place.path)?.has(each))
    if (!method) continue
    state.requests += 1
    const path = addressOf(state, place, state.seed)
    const { status } = await state.ask({ method: method.toUpperCase(), path })
    if (status !== 405)
      note(state, { ...place, method }, 'other-method', `answers ${status} where 405 is due`)
  }
}

type Sent = { path: string; body?: unknown; anonymous?: true }
async function send(state: State, place: Place, { path, body, anonymous }: Sent): Promise<Answered> {
  state.requests += 1
  const answer = await state.ask({
    ...{ method: place.method.toUpperCase(), path },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(anonymous ? { anonymous } : {}),
  })
  const sent = body === undefined ? path : `${path} ${JSON.stringify(body)}`
  if (answer.status === 500) note(state, place, 'server-error', `500 for ${sent.slice(0, 600)}`)
  for (const breach of state.contract.breaches(place.path, place.method, answer))
    note(state, place, 'not-as-documented', `${breach.slice(0, 400)}; asked ${sent.slice(0, 300)}`)
  return answer
}

/** The first of each kind at each place: the rest would say the same. */
function note({ findings }: State, { method, path }: Place, rule: string, what: string): void {
  const where = `${method.toUpperCase()} ${path}`
  const key = `${where} ${rule}`
  if (!findings.has(key)) findings.set(key, { where, rule, what })
}

function seedOf({ seed }: State, { path, method }: Place, round: number): number {
  return [...`${method}${path}${round}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed)
}

/** A path with its parameters filled: IDs that a list told as often as there are any, else what the schema allows. */
function addressOf(state: State, { path, operation }: Place, seed: number): string {
  const { parameters = [] } = operation
  const value = (each: Parameter, n: number) =>
    String(one(fitting(each.schema ?? {}, state.contract.find), seed + n))
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string, at: number) => {
    const known = [...(state.ids.get(path.slice(0, at - 1)) ?? [])]
    if (known.length > 0 && seed % 5 !== 0)
      return encodeURIComponent(known[Math.abs(seed) % known.length] ?? '')
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name)
    const text = parameter ? value(parameter, at) : 'a'
    // Nothing, or dots alone, would be another path.
    return encodeURIComponent(/^\.{0,2}$/.test(text) ? 'a' : text)
  })
  const query = new URLSearchParams()
  // A cursor is what the page before told, and nothing else.
  const asked = parameters.filter((one) => one.in === 'query' && one.name !== 'cursor')
  for (const [n, each] of asked.entries())
    if (each.required || (seed + n) % 2 === 0) query.append(each.name, value(each, n))
  return query.size ? `${filled}?${query}` : filled
}

/** Of a list, the IDs of its items; of what was made, its own. */
function remember({ ids }: State, path: string, { type, text }: Answered): void {
  if (!/^application\/json(;|$)/.test(type)) return
  const answer = JSON.parse(text) as { id?: unknown; items?: { id?: unknown }[] } | null
  const found = [answer?.id, ...(Array.isArray(answer?.items) ? answer.items.map((item) => item?.id) : [])]
  const known = ids.get(path) ?? new Set<string>()
  for (const id of found) if (typeof id === 'string' && known.size < 50) known.add(id)
  ids.set(path, known)
}

/** The same with something in it that does not belong there. */
function spoilt(value: unknown, seed: number): unknown {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>)
  const [name, old] = entries[Math.abs(seed) % Math.max(1, entries.length)] ?? []
  switch (Math.abs(seed) % 4) {
    case 0:
      return { ...(value as object), unheardOf: true }
    case 1:
      return name === undefined ? [] : Object.fromEntries(entries.filter(([each]) => each !== name))
    case 2:
      return name === undefined
        ? 'text'
        : { ...(value as object), [name]: typeof old === 'object' ? 7 : { of: [old] } }
    default:
      return name === undefined
        ? null
        : { ...(value as object), [name]: typeof old === 'string' ? -1.5 : 'x'.repeat(300) }
  }
}
