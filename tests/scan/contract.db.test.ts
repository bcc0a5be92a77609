import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { serveTestApp, type TestHttp } from '../support/test-http.ts'
import { BEYOND_SCHEMA, ENDS_THE_WALK } from './contract.ts'
import { type Asked, walkContract } from './walk-contract.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false', STAFF_TOTP: 'offered' })
  http = await serveTestApp(t)
  const person = await t.person('admin', { groups: ['security', 'operations', 'compliance', 'support'] })
  await t.video(person)
  const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
  expect((await http.signIn(rows[0].email, 'correct horse battery')).status).toBe(200)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

async function ask({ method, path, body, anonymous }: Asked) {
  const json = { 'content-type': 'application/json' }
  const answer = anonymous
    ? await fetch(`${http.origin}${path}`, { method, ...(body ? { body, headers: json } : {}) })
    : await http.send(method, path, { ...(body ? { body } : {}) })
  const type = answer.headers.get('content-type') ?? ''
  return { status: answer.status, type, text: await answer.text() }
}

it('[OPS-06] [ASVS-2.2.1, ASVS-4.1.4] every operation answers as its document says, whatever it is sent', async () => {
  const document = await (await http.send('GET', '/api/openapi.json')).json()
  const walked = await walkContract({
    document,
    ask,
    rounds: 1,
    seed: 20_261_122,
    leaveOut: ENDS_THE_WALK,
    beyondSchema: BEYOND_SCHEMA,
  })
  expect(walked.operations).toBeGreaterThan(200)
  expect(walked.findings).toEqual([])
}, 300_000)
