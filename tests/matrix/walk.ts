import type { AnyOperation } from '../../portal/src/platform/operation.ts'
import { operations } from '../../portal/src/registry.ts'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import type { TestDatabase } from '../support/test-postgres.ts'
import type { Example } from './example.ts'
import { EXAMPLES } from './examples.ts'
import { callByHttp, type HttpRoute, httpRoutes } from './http-routes.ts'
import { OBJECTS, type ObjectKind, objectsFor } from './objects.ts'
import { gather, type People, type Person, type User } from './people.ts'
import { expectedByKey, expectedByRoute, expectedVerdict, type Verdict, verdictOfError } from './verdict.ts'

export type Cell = {
  action: string
  door: string
  who: string
  object: ObjectKind | 'none'
  expected: Verdict
  /** Null where the answer was neither: the example is wrong, or the product broke. */
  actual: Verdict | null
  answer: string
}

export type Matrix = { cells: Cell[]; withoutExample: string[]; withoutOperation: string[] }

/** Portals side by side, each with its own database and people: while one waits for its database, another works. */
const LANES = 3

/** Tries every operation of the registry as everybody on every kind of object, by call and by HTTP. */
export async function walkMatrix(newDatabase: () => Promise<TestDatabase>): Promise<Matrix> {
  const waiting = [...operations.entries()]
  const found = new Map<number, Cell[]>()
  const walk = async () => {
    const t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' }, await newDatabase())
    const people = await gather(t)
    try {
      const routes = await httpRoutes(t)
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [place, operation] = next
        found.set(place, await tryOperation(t, people, operation, routes))
      }
    } finally {
      await people.stop()
      await t.stop()
    }
  }
  await Promise.all(Array.from({ length: LANES }, walk))
  const known = new Set(operations.map(({ action }) => action))
  return {
    cells: operations.flatMap((_, place) => found.get(place) ?? []),
    withoutExample: [...known].filter((action) => !EXAMPLES[action]),
    withoutOperation: Object.keys(EXAMPLES).filter((action) => !known.has(action)),
  }
}

async function tryOperation(t: TestApp, people: People, operation: AnyOperation, routes: HttpRoute[]) {
  const example = EXAMPLES[operation.action]
  if (!example) return []
  const cells: Cell[] = []
  for (const way of [null, ...routes.filter((route) => route.action === operation.action)])
    cells.push(...(await tryEverybody(t, people, operation, example, way)))
  return cells
}

async function tryEverybody(
  t: TestApp,
  people: People,
  operation: AnyOperation,
  example: Example,
  route: HttpRoute | null,
): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const person of people.rows) {
    if (route ? !person.http : person.deadKey) continue
    if (person.actor.kind === 'command' && example.usersOnly) continue
    for (const kind of example.reach ? OBJECTS : (['own'] as const)) {
      const mine = person.actor.kind === 'user' ? person.actor : people.stranger
      const declared = expectedVerdict(operation.allow, example.reach, person.actor, kind)
      const expected = expectedOf(person, operation, route, declared)
      const { actual, answer } = await tryOnce(
        t,
        person,
        mine,
        people.stranger,
        operation,
        example,
        kind,
        route,
      )
      cells.push({
        action: operation.action,
        door: route ? `${route.method} ${route.path}` : 'call',
        who: person.name,
        object: example.reach ? kind : 'none',
        expected,
        actual,
        answer,
      })
    }
  }
  return cells
}

function expectedOf(
  { actor, deadKey }: Person,
  { action }: AnyOperation,
  route: HttpRoute | null,
  declared: Verdict,
): Verdict {
  // The video service's signature is all that its events are judged by: nobody is looked for behind them.
  if (route?.path.startsWith('/api/webhooks/')) return declared
  // A key that holds no more is told so, even where a visitor without one would be let in.
  if (deadKey) return 'deny'
  const byKey = expectedByKey(action, actor, declared)
  return route ? expectedByRoute(route.path, actor, byKey) : byKey
}

async function tryOnce(
  t: TestApp,
  person: Person,
  mine: User,
  stranger: User,
  operation: AnyOperation,
  example: Example,
  kind: ObjectKind,
  route: HttpRoute | null,
): Promise<{ actual: Verdict | null; answer: string }> {
  // Newest first is the order of every list: what this cell makes stands on its first page.
  t.advance(1000)
  const objects = objectsFor(t, kind, mine, stranger)
  const listed = example.listed ? { id: await example.listed(objects) } : null
  const input = await example.input(objects, t, mine)
  const seen = (result: unknown): Verdict =>
    listed && example.shows && !example.shows(result, listed) ? 'deny' : 'allow'
  if (route) await person.prepare?.()
  if (route && person.http) return await callByHttp(person.http, route, input, seen)
  try {
    const result = await t.app.call(operation, input, t.app.newContext(person.actor))
    // A stream that nobody reads must give its database connection back.
    if (result && typeof result === 'object' && Symbol.asyncIterator in result) await result.return()
    return { actual: seen(result), answer: 'resolved' }
  } catch (error) {
    return { actual: verdictOfError(error), answer: error instanceof Error ? error.message : String(error) }
  }
}
