import { expect, test } from 'vitest'
import { newId } from './ids.ts'
import { pageName } from './page-request.ts'

test.each([
  ['/admin/audit', '/admin/audit'],
  ['/', '/'],
  [null, '/'],
  ['/videos/jo@example.com', '/videos/*'],
  [`/shares/${'x'.repeat(200)}`, '/shares/*'],
  ['/a/b/c/d/e/f', '/a/b/c/d'],
])('[ALV-01] a page is named in the log without what somebody typed: %s', (path, name) => {
  expect(pageName(path)).toBe(name)
})

test('[ALV-01] the ID of what was asked for stays in the name', () => {
  const id = newId('vid')
  expect(pageName(`/videos/${id}`)).toBe(`/videos/${id}`)
})
