import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  http = await serveTestApp(t)
  const groups = ['security', 'operations', 'support', 'compliance', 'finance'] as const
  const person = await t.person('admin', { groups: [...groups] })
  const { rows } = await t.app.pool.query('select email from users where id = $1', [person.id])
  await http.signIn(rows[0].email, 'correct horse battery')
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

const made = (at: unknown, id: string) => Buffer.from(JSON.stringify([at, id])).toString('base64url')
const MADE_UP = [
  made('+275760-09-13T00:00:00.000Z', 'x'),
  made('0000-11-23T01:59:01.975Z', '1'),
  made('9999-99-99T99:99:99.999Z', '1'),
  made('2026-11-23T01:59:01.975Z', 'x'),
  made(null, '1.5'),
  made(null, 'a\0'),
  made(1e300, 'created.desc x'),
]

type Listed = { paths: Record<string, { get?: { parameters?: { name: string }[] } }> }

it('[ASVS-2.2.1, ASVS-16.5.3] no list fails at a place that nobody here made', async () => {
  const document = (await (await http.send('GET', '/api/openapi.json')).json()) as Listed
  const lists = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get?.parameters?.some(({ name }) => name === 'cursor') ? [path.replace(/\{[^}]+\}/g, 'none')] : [],
  )
  expect(lists.length).toBeGreaterThan(10)
  const failed: string[] = []
  for (const path of lists)
    for (const cursor of MADE_UP) {
      const { status } = await http.send('GET', `${path}?cursor=${cursor}`)
      if (status >= 500) failed.push(`${status} ${path} ${cursor}`)
    }
  expect(failed).toEqual([])
})
