import { expect, it } from 'vitest'
import { createTestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../tests/support/test-http.ts'
import { until } from '../../../tests/support/until.ts'

it('[RLA-07] a person whose browser opens a limited address reads a page: which limit, until when, what to do', async () => {
  const t = await createTestApp()
  const http = await serveTestApp(t)
  const stopped = await until('the limit', async () => {
    const answer = await http.send('GET', '/api/unsubscribe/nothing', {
      headers: { accept: 'text/html,*/*' },
    })
    return answer.status === 429 && answer
  })
  expect(stopped.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const page = await stopped.text()
  expect(page).toContain('at most 20 in 15 minutes')
  expect(page).toContain('/limits?limit=join&amp;until=')
  expect(page).toContain('/limits#privacy')
  const program = await http.send('GET', '/api/unsubscribe/nothing')
  expect(program.headers.get('content-type')).toBe('application/problem+json')
  await http.stop()
  await t.stop()
})
