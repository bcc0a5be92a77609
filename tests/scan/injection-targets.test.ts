import { expect, it } from 'vitest'
import { injectionTargets } from './injection-targets.ts'

const text = { type: 'string' }
const json = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })

it('[ASVS-1.2.4] every parameter of path, query and body is starred once, whatever it is called', () => {
  const { targets, without } = injectionTargets('https://localhost:1', 'a=b', {
    paths: {
      '/api/things': { get: { parameters: [{ name: 'q', in: 'query', schema: text }] } },
      '/api/things/{id}': {
        get: {},
        put: json({
          type: 'object',
          properties: {
            token: text,
            rules: { type: 'object', properties: { one: { properties: { n: { type: 'integer' } } } } },
            more: { type: 'array', items: { properties: { n: { type: 'integer' } } } },
          },
        }),
      },
      '/api/anything': { post: json({ type: 'object', properties: { response: { type: 'object' } } }) },
      '/api/nothing': { post: {} },
    },
  })
  const asked = targets.map(({ name, request, parameters }) => {
    const [head = '', body] = request.split('\r\n\r\n')
    return [name, head.split('\r\n')[0]?.split(' ')[1], body, parameters]
  })
  expect(asked).toEqual([
    ['GET /api/things', '/api/things?q=a*', '', 1],
    ['GET /api/things/{id}', '/api/things/a*', '', 1],
    ['PUT /api/things/{id}', '/api/things/a*', '{"token":"a*","rules":{"one":{"n":1*}},"more":[{"n":1}]}', 3],
    ['POST /api/anything', '/api/anything', '{"response":{"a":"a*"}}', 1],
  ])
  expect(without).toEqual(['POST /api/nothing'])
})
