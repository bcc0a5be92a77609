import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApi } from '#portal/api/routes.ts'
import type { Portal } from '#portal/compose.ts'
import type { App } from '#portal/platform/app.ts'
import { countInMemory } from '../../../../tests/support/count-in-memory.ts'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { listenOnFreePort } from '../../../../tests/support/listen.ts'
import { startSecondNode } from '../../../../tests/support/second-node.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { until } from '../../../../tests/support/until.ts'
import { letGo } from './let-go.ts'
import { type AbuseRuleName, DEFAULT_ABUSE_RULES } from './rules.ts'
import { setAbuseRules } from './set-abuse-rules.ts'
import { abuseWatchOf } from './watch-abuse.ts'

// The clock of a test stands still, so that nothing is read again by its age: what a node knows of the other came by notice.
const ENV = { TRUST_PROXY: '1' }
let t: TestApp
let second: Portal
let nodes: { app: App; origin: string; stop(): Promise<void> }[]
beforeAll(async () => {
  const database = await createTestDatabase('portal')
  t = await createTestApp(ENV, database)
  second = await startSecondNode(t, database, ENV)
  for (const node of [t, second]) await countInMemory(node)
  nodes = await Promise.all(
    [t.app, second.app].map(async (app) => {
      const listener = getRequestListener(createApi(app).fetch, { overrideGlobalObjects: false })
      return { app, ...(await listenOnFreePort(createServer(listener))) }
    }),
  )
})
afterAll(async () => {
  for (const node of nodes ?? []) await node.stop()
  await second?.close({ stopDatabase: false })
  await t?.stop()
})

let lastSource = 0
const newSource = () => `198.51.100.${++lastSource}`

type Told = { status: number; type?: string }
async function ask(
  node: number,
  from: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Told> {
  const answer = await fetch(`${nodes[node % nodes.length]?.origin}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-forwarded-for': from, ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const { type } = (await answer.json().catch(() => ({}))) as { type?: string }
  return { status: answer.status, ...(type ? { type } : {}) }
}
const guess = (node: number, from: string) =>
  ask(node, from, `/api/share/${randomBytes(32).toString('base64url')}`)
const signIn = (node: number, from: string, email: string, password = 'wrong password') =>
  ask(node, from, '/api/auth/sign-in/email', { email, password })

const settled = async () => {
  for (const { app } of nodes) await abuseWatchOf(app).settled()
}
const detected = async (rule: AbuseRuleName) =>
  (
    await t.app.pool.query<{ id: string; subject: string }>(
      'select id, subject from abuse_detections where rule = $1 order by detected_at, id',
      [rule],
    )
  ).rows
const answeredByBoth = (
  type: string,
  from: string,
  knock: typeof guess | ((n: number, from: string) => Promise<Told>),
) =>
  asking(`both nodes to answer ${from} with ${type}`, async () => {
    const answers = await Promise.all(nodes.map((_, node) => knock(node, from)))
    return answers.every((answer) => answer.type === type)
  })
/** Seldom enough that who asks meets no limit of requests, however long the news is on its way. */
const asking = (what: string, probe: () => Promise<boolean>) => until(what, probe, 30_000, 1000)
/** Notices arrive in the order of their commits: once a later one came, those before it have been heard. */
async function noticesHeard(): Promise<void> {
  const topic = `test.${randomBytes(8).toString('hex')}`
  const heard = nodes.map(
    ({ app }) => new Promise<void>((resolve) => void app.notices.subscribe(topic, () => resolve())),
  )
  await t.app.pool.query('select pg_notify($1, $2)', ['portal_notice', JSON.stringify({ topic, body: {} })])
  await Promise.all(heard)
}

it('[RLA-06] an attack of which each node sees half is detected, once, and answered by both', async () => {
  const { threshold } = DEFAULT_ABUSE_RULES['token-guessing']
  const source = newSource()
  for (let n = 0; n < threshold - 1; n += 1) expect((await guess(n, source)).status).toBe(403)
  await settled()
  expect(await detected('token-guessing')).toEqual([])
  expect((await guess(threshold - 1, source)).status).toBe(403)
  await answeredByBoth('/problems/challenge', source, guess)
  expect(await detected('token-guessing')).toHaveLength(1)
  // Nobody else is answered for it, at either node.
  const other = newSource()
  for (const node of [0, 1]) expect((await guess(node, other)).status).toBe(403)
})

it('[RLA-06] so it is where both halves come at the same moment', async () => {
  const { threshold } = DEFAULT_ABUSE_RULES['credential-stuffing']
  const source = newSource()
  await Promise.all(Array.from({ length: threshold }, (_, n) => signIn(n, source, `nobody${n}@example.com`)))
  let more = 0
  // Another account each time: many tries at one of them would be an attack of their own.
  const knock = (node: number, from: string) => signIn(node, from, `nobody-more${++more}@example.com`)
  await answeredByBoth('/problems/abuse', source, knock)
  expect(await detected('credential-stuffing')).toHaveLength(1)
})

it('[RLA-06] one account is guarded from many addresses that come through two nodes', async () => {
  const { threshold } = DEFAULT_ABUSE_RULES['password-guessing']
  for (let n = 0; n < threshold; n += 1) await signIn(n, newSource(), 'target@example.com')
  await settled()
  await answeredByBoth('/problems/challenge', newSource(), (node, from) =>
    signIn(node, from, 'target@example.com'),
  )
  expect(await detected('password-guessing')).toHaveLength(1)
})

it('[RLA-07] who mistypes at one node and signs in at the other has taken it back at both', async () => {
  const staff = await t.person('admin', { groups: ['security'] })
  const { windowSeconds, lastsSeconds, action, alert, mode } = DEFAULT_ABUSE_RULES['credential-stuffing']
  const numbers = { windowSeconds, lastsSeconds, action, alert, mode, threshold: 3 }
  const order = {
    version: 0,
    rules: { 'credential-stuffing': numbers },
    reason: 'A test has no time for more',
  }
  await t.app.call(setAbuseRules, order, t.app.newContext(staff))
  await noticesHeard()
  const office = newSource()
  for (let n = 0; n < 4; n += 1) {
    const person = await t.person('agency')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
    expect((await signIn(0, office, rows[0].email)).status).toBe(401)
    await settled()
    expect((await signIn(1, office, rows[0].email, 'correct horse battery')).status).toBe(200)
    await settled()
    await noticesHeard()
  }
  expect((await detected('credential-stuffing')).length).toBe(1)
})

it('[RLA-07] who was let go begins anew at both', async () => {
  const { threshold } = DEFAULT_ABUSE_RULES['token-guessing']
  const staff = await t.person('admin', { groups: ['security'] })
  const source = newSource()
  const before = (await detected('token-guessing')).map(({ id }) => id)
  for (let n = 0; n < threshold; n += 1) {
    await guess(n, source)
    await settled()
  }
  await answeredByBoth('/problems/challenge', source, guess)
  const found = (await detected('token-guessing')).find(({ id }) => !before.includes(id))
  const order = { id: found?.id ?? '', reason: 'They showed us their mailbox', spareHours: 0 }
  await t.app.call(letGo, order, t.app.newContext(staff))
  await asking('both to know of it', async () => {
    const answers = await Promise.all([0, 1].map((node) => ask(node, source, '/api/share/none')))
    return answers.every(({ status }) => status === 403)
  })
  // What the first node had counted by itself, half of the threshold, is over as well.
  for (let n = 0; n < threshold * 0.75; n += 1) expect((await guess(0, source)).status).toBe(403)
  await settled()
  expect(await detected('token-guessing')).toHaveLength(2)
})
