import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { counting } from '#portal/adapters/limits/contract.ts'
import { createPostgresStore } from '#portal/adapters/limits/postgres.ts'
import { remembering } from '#portal/adapters/limits/remember.ts'
import type { App } from '#portal/platform/app.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { listenOnFreePort } from '../../../tests/support/listen.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { createApi } from './routes.ts'

const QUOTA = 12
const WINDOW_SECONDS = 2
const POLICY = `"playback";q=${QUOTA};w=${WINDOW_SECONDS}`

let t: TestApp
let nodes: { app: App; origin: string; stop(): Promise<void> }[]
beforeAll(async () => {
  const database = await createTestDatabase('portal')
  t = await createTestApp({}, database)
  const limits = remembering(createPostgresStore({ database: database.poolConfig, log: t.app.log }))
  const second: App = { ...t.app, ports: { ...t.app.ports, limits } }
  const numbers = { quota: QUOTA, windowSeconds: WINDOW_SECONDS, burst: QUOTA, mode: 'enforce' }
  await t.app.pool.query(
    `insert into limit_policies (version, rules, reason, set_by, set_at) values (1, $1, 'A quick one', 'test', now())`,
    [JSON.stringify({ playback: numbers })],
  )
  await Promise.all([t.app, second].map(({ ports }) => counting(ports.limits)))
  nodes = await Promise.all(
    [t.app, second].map(async (app) => {
      const listener = getRequestListener(createApi(app).fetch, { overrideGlobalObjects: false })
      return { app, ...(await listenOnFreePort(createServer(listener))) }
    }),
  )
})
afterAll(async () => {
  for (const node of nodes) await node.stop()
  await nodes[1]?.app.ports.limits.stop()
  await t.stop()
})

type Asked = { sentMs: number; answeredMs: number; status: number; headers: Headers }
async function ask(node: number): Promise<Asked> {
  const sentMs = performance.now()
  const { status, headers, body } = await fetch(`${nodes[node % 2]?.origin}/api/share/nobody-has-this`)
  await body?.cancel()
  return { sentMs, answeredMs: performance.now(), status, headers }
}
const together = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => ask(n)))
/** By what an admitted look at a link that nobody has is answered: 503 is the store's silence, and admits nobody. */
const passed = (all: Asked[]) => all.filter(({ status }) => status === 403)
/** What the headers say of the first rule, taken at their word. */
function told({ headers }: Asked) {
  const [, remaining, seconds] = /^"playback";r=(\d+);t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? []
  return { remaining: Number(remaining), seconds: Number(seconds) }
}

it('[RLA-01] two nodes admit a client no more than burst + rate·t, by the client’s own clock', async () => {
  const all: Asked[] = []
  for (let round = 0; round < 6; round += 1) {
    all.push(...(await together(30)))
    await delay(300)
  }
  expect(all[0]?.headers.get('ratelimit-policy')).toContain(POLICY)
  const ours = passed(all)
  expect(ours.length).toBeGreaterThanOrEqual(QUOTA)
  for (const from of ours)
    for (const to of ours) {
      const within = ours.filter((one) => one.sentMs >= from.sentMs && one.answeredMs <= to.answeredMs)
      const seconds = Math.max(0, to.answeredMs - from.sentMs) / 1000
      expect(within.length).toBeLessThanOrEqual(QUOTA + (QUOTA / WINDOW_SECONDS) * seconds)
    }
})

it('[RLA-01] who takes RateLimit and Retry-After at their word is never refused', async () => {
  const [first] = await together(1)
  await delay((first ? told(first).seconds : 0) * 1000)
  const [rested] = await together(1)
  const { remaining } = told(rested as Asked)
  expect(remaining).toBe(QUOTA - 1)
  expect(passed(await together(remaining))).toHaveLength(remaining)
  let refused: Asked | undefined
  while (!refused) refused = (await together(5 * QUOTA)).find(({ status }) => status === 429)
  const retry = Number(refused.headers.get('retry-after'))
  expect(told(refused)).toEqual({ remaining: 0, seconds: retry })
  await delay(retry * 1000)
  expect(passed(await together(1))).toHaveLength(1)
})
