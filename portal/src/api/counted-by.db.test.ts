import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'
import { createApiKey } from '../modules/access/create-api-key.ts'

let t: TestApp
let http: TestHttp
let program: Record<string, string>
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
  const person = await t.person('agency')
  const ctx = t.app.newContext(person)
  const { key } = await t.app.call(createApiKey, { name: 'Ours', scopes: ['video.list'] }, ctx)
  program = { authorization: `Bearer ${key}` }
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const policyOf = async (method: string, path: string, headers = {}, body?: unknown) =>
  (await http.send(method, path, { headers, ...(body ? { body } : {}) })).headers.get('ratelimit-policy')

it('[RLA-07] eight people behind one address may each ask for a mail', async () => {
  for (let n = 0; n < 8; n += 1) {
    const answer = await http.send('POST', '/api/password-resets', {
      body: { email: `person-${n}@studio.example` },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('ratelimit-policy')).toContain('"mail-address";q=5')
  }
})

it('[RLA-01] an API key takes no bound on its address off; where keys are counted, the key is', async () => {
  const asked: [string, string, object?][] = [
    ['GET', '/api/share/nobody-has-this'],
    ['POST', '/api/share/nobody-has-this'],
    ['POST', '/api/share/nobody-has-this/verify', { password: 'guess' }],
    ['POST', '/api/password-resets/use', { token: 'x'.repeat(43), password: 'correct horse battery' }],
    ['GET', '/api/download/nobody-has-this'],
    ['GET', '/s/nobody-has-this'],
  ]
  for (const [method, path, body] of asked) {
    const bare = await policyOf(method, path, {}, body)
    expect(bare, path).toContain(';q=')
    expect(await policyOf(method, path, program, body), path).toBe(bare)
  }
  expect(await policyOf('GET', '/api/videos', program)).toBe('"api-key";q=600;w=60')
  // A sign-in tells of its passwords' limit alone: what is counted by address shows once it is over.
  const guess = (n: number) =>
    http.send('POST', '/api/auth/sign-in/email', {
      headers: program,
      body: { email: `someone-${n}@studio.example`, password: 'wrong' },
    })
  const told = []
  for (let n = 0; n < 21; n += 1) told.push((await guess(n)).status)
  expect(told.at(-1)).toBe(429)
})
