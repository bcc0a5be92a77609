import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { noRouteFor } from './known-methods.ts'
import type { Env } from './request-context.ts'

const api = new Hono<Env>()
  .use('*', async (_c, next) => await next())
  .get('/api/things/:id', (c) => c.text('one'))
  .patch('/api/things/:id', (c) => c.text('changed'))
  .post('/api/things/:id/end', (c) => c.text('ended'))
  .get('/audit/*', (c) => c.text('log'))
  .get('/api/file.json', (c) => c.text('file'))
  .get('/api/parts/:n{[0-9]{2}}', (c) => c.text('part'))
const answer = (path: string) => noRouteFor(api)(path)

it('[ASVS-4.1.4] a method that a path does not know is told from a path that is not there', () => {
  expect(answer('/api/things/7')).toMatchObject({
    code: 'method_not_allowed',
    details: { allow: ['GET', 'HEAD', 'PATCH'] },
  })
  expect(answer('/api/things/7/end/').details.allow).toEqual(['POST'])
  expect(answer('/audit/tile/0/000').details.allow).toEqual(['GET', 'HEAD'])
  expect(answer('/api/parts/12').details.allow).toEqual(['GET', 'HEAD'])
  for (const path of ['/api/things', '/api/things/7/end/more', '/api/fileXjson', '/api/parts/123', '/'])
    expect(answer(path).code, path).toBe('not_found')
})
