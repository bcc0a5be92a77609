import { expect, it } from 'vitest'
import type { Answered, Document } from './judge-answer.ts'
import { type Asked, walkContract } from './walk-contract.ts'

const item = {
  type: 'object',
  properties: { id: { type: 'string' }, size: { type: 'integer', minimum: 0 } },
  required: ['id', 'size'],
}
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const document = {
  paths: {
    '/items': {
      get: {
        operationId: 'list',
        responses: { 200: json({ type: 'object', properties: { items: { type: 'array', items: item } } }) },
      },
      post: {
        operationId: 'make',
        security: [{ session: [] }],
        requestBody: json({
          type: 'object',
          properties: { name: { type: 'string', minLength: 1 } },
          required: ['name'],
          additionalProperties: false,
        }),
        responses: { 201: json({ $ref: '#/components/schemas/Item' }), 400: json({}), 401: json({}) },
      },
    },
    '/items/{id}': {
      get: {
        operationId: 'get',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: json({ $ref: '#/components/schemas/Item' }), 404: json({}) },
      },
    },
  },
  components: { schemas: { Item: item } },
} as unknown as Document

const answer = (status: number, body: unknown, type = 'application/json'): Answered => ({
  ...{ status, type },
  text: JSON.stringify(body),
})

/** As the document says, but for what `flaw` does otherwise. */
const serverWith =
  (flaw: (asked: Asked) => Answered | null = () => null, seen: string[] = []) =>
  async (asked: Asked): Promise<Answered> => {
    seen.push(`${asked.method} ${asked.path}`)
    const flawed = flaw(asked)
    if (flawed) return flawed
    const { method, path, body, anonymous } = asked
    if (path === '/items' && method === 'GET') return answer(200, { items: [{ id: 'known', size: 1 }] })
    if (path === '/items' && method === 'POST') {
      if (anonymous) return answer(401, {})
      const sent = JSON.parse(body ?? 'null')
      const fits = typeof sent?.name === 'string' && sent.name && Object.keys(sent).length === 1
      return fits ? answer(201, { id: 'known', size: 0 }) : answer(400, {})
    }
    if (path.startsWith('/items/') && method === 'GET')
      return path === '/items/known' ? answer(200, { id: 'known', size: 1 }) : answer(404, {})
    return answer(405, {})
  }
const walk = (ask: ReturnType<typeof serverWith>) => walkContract({ document, ask, rounds: 4, seed: 7 })

it('finds nothing where a server keeps to its document, and asks for IDs that its lists told', async () => {
  const seen: string[] = []
  const walked = await walk(serverWith(undefined, seen))
  expect(walked).toMatchObject({ operations: 3, findings: [] })
  expect(seen).toContain('GET /items/known')
})

it.each<[string, (asked: Asked) => Answered | null]>([
  ['server-error', ({ path }) => (path === '/items/known' ? answer(500, {}) : null)],
  [
    'not-as-documented',
    ({ method, path }) => (method === 'GET' && path === '/items' ? answer(202, {}) : null),
  ],
  [
    'not-as-documented',
    ({ path }) => (path === '/items/known' ? answer(200, { id: 'known', size: -1 }) : null),
  ],
  ['not-as-documented', ({ path }) => (path === '/items/known' ? answer(200, 'text', 'text/plain') : null)],
  ['valid-refused', ({ method, anonymous }) => (method === 'POST' && !anonymous ? answer(400, {}) : null)],
  [
    'invalid-taken',
    ({ method, anonymous }) => (method === 'POST' && !anonymous ? answer(201, { id: 'a', size: 0 }) : null),
  ],
  ['no-credentials', ({ anonymous }) => (anonymous ? answer(201, { id: 'a', size: 0 }) : null)],
  ['other-method', ({ method }) => (method === 'PUT' ? answer(404, {}) : null)],
])('finds %s', async (rule, flaw) => {
  const { findings } = await walk(serverWith(flaw))
  expect(findings.map((finding) => finding.rule)).toContain(rule)
})
