import { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore } from '#portal/adapters/limits/memory.ts'
import { remembering } from '#portal/adapters/limits/remember.ts'
import type { LimitClass } from '#portal/modules/limits/rules.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { type AnyOperation, read, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { operationRoute } from './operation-route.ts'
import { problemResponse } from './problem.ts'
import { limitReading } from './rate-limit.ts'
import { type Env, requestContext } from './request-context.ts'

const MOST_AHEAD = 8
// Of a loaded machine.
const SOON = { timeout: 20_000 }
const answer = z.object({ secret: z.string() })

let t: TestApp
/** Another process over the same store: what it admits, this one knows nothing of. */
let elsewhere: TestApp['app']
let trips = 0
let held: { settled: Promise<void>; release: () => void; fail: (error: Error) => void } | null = null

beforeAll(async () => {
  t = await createTestApp()
  const store = createMemoryStore()
  await t.app.ports.limits.stop()
  const slow: typeof store = {
    ...store,
    async take(uses, floors) {
      trips += 1
      await held?.settled
      return await store.take(uses, floors)
    },
  }
  t.app.ports.limits = remembering(slow)
  elsewhere = { ...t.app, ports: { ...t.app.ports, limits: remembering(store) } }
  const once = { quota: 1, windowSeconds: 86_400, burst: 1, mode: 'enforce' }
  await t.app.pool.query(
    `insert into limit_policies (version, rules, reason, set_by, set_at) values (1, $1, 'One a day', 'test', now())`,
    [JSON.stringify({ playback: once, api: once })],
  )
})
afterAll(() => t?.stop())

/** The store answers nobody until `release`. */
function hold() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => {})
  held = { settled: promise, release: () => resolve(), fail: reject }
  return held
}

/** An operation that tells how far it came, and what it was let do. */
function reading(
  run: () => Promise<{ secret: string }> = async () => ({ secret: 'of the day' }),
  allow: Allow = { anyone: true },
) {
  const seen = { begun: 0, ended: 0 }
  const operation = read({
    action: 'share.open',
    input: z.strictObject({ n: z.coerce.number().int().optional() }),
    allow,
    async run() {
      seen.begun += 1
      return await run().finally(() => {
        seen.ended += 1
      })
    },
  })
  return { seen, operation }
}

let addresses = 0
/** Asks from an address of its own, unless told. */
function asking(
  operation: AnyOperation,
  { on = 'playback' as LimitClass, at = `203.0.113.${++addresses}`, app = t.app } = {},
) {
  const api = new OpenAPIHono<Env>()
  api.onError(problemResponse)
  api.use(requestContext(app))
  const query = z.object({ n: z.coerce.number().int().optional() })
  operationRoute(api, {
    method: 'get',
    path: '/it',
    summary: 'It',
    operation,
    query,
    answer,
    before: [limitReading(on)],
  })
  api.get('/bare', limitReading(on), async (c) =>
    c.json(await c.get('app').call(operation, {}, c.get('ctx'))),
  )
  const incoming = { socket: { remoteAddress: at } } as never
  return { at, ask: async (path = '/it') => await api.request(path, {}, { incoming }) }
}
/** The same address has used up what it may, as another process knows. */
async function spendElsewhere(at: string, on: LimitClass = 'playback') {
  const { ask } = asking(reading().operation, { on, at, app: elsewhere })
  expect((await ask()).status).toBe(200)
}
const refusals = async () => (await t.events()).filter(({ outcome }) => outcome === 'refused').length

it('[RLA-01] begins to read while the store is asked, and gives no answer before the store’s', async () => {
  const { operation, seen } = reading()
  const { ask } = asking(operation)
  const store = hold()
  let answered = false
  const asked = ask().finally(() => {
    answered = true
  })
  await expect.poll(() => seen.ended, SOON).toBe(1)
  expect(answered).toBe(false)
  store.release()
  const response = await asked
  expect(response.status).toBe(200)
  expect(response.headers.get('ratelimit')).toMatch(/^"playback";r=0;/)
  expect(response.headers.get('ratelimit-policy')).toContain('"playback";q=1;w=86400')
  expect(await response.json()).toEqual({ secret: 'of the day' })
})

it('[RLA-01] throws what was read away where the store refuses, and keeps nothing of it', async () => {
  const { operation, seen } = reading()
  const { ask, at } = asking(operation)
  await spendElsewhere(at)
  const before = await t.events()
  const store = hold()
  const asked = ask()
  await expect.poll(() => seen.ended, SOON).toBe(1)
  store.release()
  const response = await asked
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(80_000)
  expect(response.headers.get('ratelimit')).toMatch(/^"playback";r=0;/)
  const told = await response.text()
  expect(JSON.parse(told)).toMatchObject({ status: 429, 'violated-policies': ['playback'] })
  expect(told).not.toContain('of the day')
  expect(await t.events()).toEqual(before)
})

it('reads nothing for whom this process knows to be over, and makes no trip', async () => {
  const { operation, seen } = reading()
  const { ask } = asking(operation)
  held = null
  expect((await ask()).status).toBe(200)
  const made = trips
  for (const path of ['/it', '/bare']) expect((await ask(path)).status).toBe(429)
  expect(trips).toBe(made)
  // What had been begun for these would be at its reading by the end of another's.
  expect((await asking(reading().operation).ask()).status).toBe(200)
  expect(seen.begun).toBe(1)
})

it('is refused at once, however long the reading takes', async () => {
  const never = Promise.withResolvers<{ secret: string }>()
  const { operation, seen } = reading(() => never.promise)
  const { ask, at } = asking(operation)
  await spendElsewhere(at)
  const store = hold()
  const asked = ask()
  await expect.poll(() => seen.begun, SOON).toBe(1)
  store.release()
  expect((await asked).status).toBe(429)
  expect(seen.ended).toBe(0)
  never.reject(new Error('and breaks off then'))
})

it('leaves the event of a refusal only where the request was admitted', async () => {
  const { operation, seen } = reading(async () => {
    throw new Refusal('unknown')
  })
  const admitted = asking(operation)
  const over = asking(operation)
  await spendElsewhere(over.at)
  const before = await refusals()
  const store = hold()
  const asked = [over.ask(), admitted.ask()]
  await expect.poll(() => seen.ended, SOON).toBe(2)
  expect(await refusals()).toBe(before)
  store.release()
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([429, 403])
  expect(await refusals()).toBe(before + 1)
})

it('answers what broke only where the request was admitted', async () => {
  const { operation, seen } = reading(async () => {
    throw new Error('broken')
  })
  const admitted = asking(operation)
  const over = asking(operation)
  await spendElsewhere(over.at)
  const store = hold()
  const asked = [over.ask(), admitted.ask()]
  await expect.poll(() => seen.ended, SOON).toBe(2)
  store.release()
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([429, 500])
})

it('finds no fault in the input of who is refused', async () => {
  const { operation } = reading()
  const admitted = asking(operation)
  const over = asking(operation)
  await spendElsewhere(over.at)
  const store = hold()
  const asked = [over.ask('/it?n=many'), admitted.ask('/it?n=many')]
  store.release()
  const [refused, faulty] = await Promise.all(asked)
  expect([refused?.status, faulty?.status]).toEqual([429, 400])
  expect(refused?.headers.get('retry-after')).toBeTruthy()
  expect(faulty?.headers.get('ratelimit')).toMatch(/^"playback";r=0;/)
})

it.each([
  ['playback', 503],
  ['api', 200],
] as const)('where the store fails, %s is answered %i', async (on, status) => {
  const { operation, seen } = reading()
  const { ask } = asking(operation, { on })
  const store = hold()
  const asked = ask()
  await expect.poll(() => seen.ended, SOON).toBe(1)
  store.fail(new Error('the store is gone'))
  const response = await asked
  expect(response.status).toBe(status)
  expect((await response.text()).includes('of the day')).toBe(status === 200)
})

it('begins nothing that changes something, that is logged, or that is not for everybody who asks', async () => {
  let changed = 0
  const change = verb({
    action: 'share.open',
    input: z.strictObject({}),
    allow: { anyone: true },
    async run() {
      changed += 1
      return { result: { secret: 'changed' }, change: { target: { type: 'operation', id: 'test' } } }
    },
  })
  const logged = reading(undefined, { role: 'admin', logGrant: true })
  const staff = reading(undefined, { role: 'admin' })
  const quick = reading()
  const store = hold()
  const before = await refusals()
  const made = trips
  const asked = [change, logged.operation, staff.operation, quick.operation].map((one) => asking(one).ask())
  // The last one's reading is over: the others had as much time.
  await expect.poll(() => [quick.seen.ended, trips - made], SOON).toEqual([1, 4])
  expect([changed, logged.seen.begun, staff.seen.begun, await refusals()]).toEqual([0, 0, 0, before])
  store.release()
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 401, 401, 200])
  expect(changed).toBe(1)
})

it('reads for few at once while they are counted; the others wait for their count', async () => {
  const { operation, seen } = reading()
  const store = hold()
  const made = trips
  const asked = Array.from({ length: 3 * MOST_AHEAD }, () => asking(operation).ask())
  await expect.poll(() => [trips - made, seen.ended], SOON).toEqual([3 * MOST_AHEAD, MOST_AHEAD])
  store.release()
  for (const { status } of await Promise.all(asked)) expect(status).toBe(200)
  expect(seen.begun).toBe(3 * MOST_AHEAD)
})
