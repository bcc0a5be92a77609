import type { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../portal/src/api/routes.ts'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { serveTestApp } from '../support/test-http.ts'
import { redoclyFindings, spectralFindings } from './judge-openapi.ts'

let t: TestApp
let document: string

beforeAll(async () => {
  t = await createTestApp()
  const http = await serveTestApp(t)
  document = await (await http.send('GET', '/api/openapi.json')).text()
  await http.stop()
})
afterAll(() => t.stop())

test('[OPS-06] the document of the API is without a finding by Spectral, with OWASP’s rules, and by Redocly', async () => {
  expect(await spectralFindings(document)).toEqual([])
  expect(await redoclyFindings(document)).toEqual([])
})

test('a flaw is found by both', async () => {
  const flawed = JSON.parse(document)
  const operation = flawed.paths['/api/shares'].get
  delete operation.security
  delete operation.responses[429]
  operation.operationId = 'share.revoke'
  const rules = (await spectralFindings(JSON.stringify(flawed))).map(({ rule }) => rule)
  expect(rules).toContain('owasp:api2:2023-read-restricted')
  expect(rules).toContain('owasp:api4:2023-rate-limit-responses-429')
  expect((await redoclyFindings(JSON.stringify(flawed))).map(({ rule }) => rule)).toContain(
    'operation-operationId-unique',
  )
})

/** Pages, assets, and what stands for a family of paths. */
const NO_API = /^\/(s|_viewer)\/|\*|^\/api\/unsubscribe\//

test('every route of the API is described', () => {
  const { paths } = JSON.parse(document) as { paths: Record<string, object> }
  const described = new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  )
  const routes = (createApi(t.app) as unknown as Hono).routes
    .filter(({ method, path }) => method !== 'ALL' && !NO_API.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}').replace('{token}', '{link}')}`)
  expect(routes.length).toBeGreaterThan(150)
  expect(routes.filter((route) => !described.has(route))).toEqual([])
})
