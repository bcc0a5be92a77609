import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

it('[E2E-08] a body of another type is the caller’s fault, and no alarm of ours', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/json',
    '',
  ]) {
    for (const path of [
      '/api/share/nobody-has-this/verify',
      '/api/password-resets',
      '/api/videos/x/shares',
    ]) {
      const answer = await http.send('POST', path, { body: '{}', headers: { 'content-type': type } })
      expect(answer.status, `${type} ${path}`).toBe(415)
      expect(await answer.text(), `${type} ${path}`).toContain('Content-Type: application/json')
    }
  }
})
