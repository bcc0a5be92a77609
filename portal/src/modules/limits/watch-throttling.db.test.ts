import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { limiterOf } from './check-request.ts'
import type { LimitClass } from './rules.ts'
import { watchThrottling } from './watch-throttling.ts'

const HOUR_MS = 3_600_000
const PEOPLE = 40

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
  const three = { quota: 3, windowSeconds: 86_400, burst: 3 }
  const rules = {
    join: { ...three, mode: 'enforce' },
    upload: { ...three, mode: 'enforce' },
    remind: { ...three, mode: 'monitor' },
    gate: { ...three, mode: 'enforce' },
  }
  await t.app.pool.query(
    `insert into limit_policies (version, rules, reason, set_by, set_at) values (1, $1, 'Tried out', 'test', $2)`,
    [JSON.stringify(rules), t.app.clock()],
  )
})
afterAll(() => t?.stop())

async function ask(name: LimitClass, person: string, times: number) {
  const who = { ip: person, user: person, 'ip-share': person }
  for (let n = 0; n < times; n += 1) await limiterOf(t.app).check(name, who)
}
async function watch() {
  await limiterOf(t.app).flush()
  const ctx = t.app.newContext({ kind: 'system', id: 'job' })
  const signal = new AbortController().signal
  await watchThrottling.run({ app: t.app, input: {}, ctx, signal, attempt: 1, maxAttempts: 1 })
  const { rows } = await t.app.pool.query<{ key: string }>(
    `select key from alerts where key like 'limits.throttled:%' and resolved_at is null order by key`,
  )
  return rows.map(({ key }) => key)
}
/** Everybody does what the rule allows, and some one more. */
async function crowd(name: LimitClass, beyond: number) {
  for (let n = 0; n < PEOPLE; n += 1) await ask(name, `${name} ${n}`, n < beyond ? 4 : 3)
}

it('[RLA-08] tells product where more than two in a hundred legitimate requests were throttled, until they are not', async () => {
  // Of 122, two are throttled: 1.6 %. Of 125, five: 4 %. A rule that is only watched throttles nobody.
  await crowd('join', 2)
  await crowd('upload', 5)
  await crowd('remind', 5)
  // One who asks far beyond a limit is no person.
  await crowd('gate', 0)
  await ask('gate', 'flood', 50)
  expect(await watch()).toEqual(['limits.throttled:upload'])
  const { rows } = await t.app.pool.query(`select details from alerts where key = 'limits.throttled:upload'`)
  expect(rows[0].details).toMatchObject({ rule: 'upload', throttled: 5, requests: 125 })

  t.advance(HOUR_MS + 60_000)
  expect(await watch()).toEqual([])
})
