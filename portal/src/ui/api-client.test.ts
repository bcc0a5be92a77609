import { createHash } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { ApiError, api, askForProofBy, problemOf, sentenceFor } from './api-client.ts'

function problem(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
}

afterEach(() => vi.unstubAllGlobals())

test('a problem document becomes its own sentence', async () => {
  const error = await problemOf(problem(409, { code: 'conflict', detail: 'This share is already revoked.' }))
  expect(error).toMatchObject({ status: 409, code: 'conflict', message: 'This share is already revoked.' })
})

test('field errors keep their names', async () => {
  const error = await problemOf(
    problem(400, {
      code: 'invalid',
      detail: 'Check the form.',
      errors: [{ path: ['allow', 0], message: 'Not an address.' }],
    }),
  )
  expect(error.fields).toEqual({ 'allow.0': 'Not an address.' })
})

test('an answer without a document gets a sentence by its status', async () => {
  const error = await problemOf(
    new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }),
  )
  expect(error.message).toMatch(/could not do this just now/)
  const tooOften = await problemOf(problem(429, {}, { 'retry-after': '12' }))
  expect(tooOften.retryAfterSeconds).toBe(12)
})

test('no answer at all is status 0 and says so', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('fetch failed')
  })
  const error = await api('/api/videos').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 0, code: 'unreachable' })
  expect(sentenceFor(error)).toMatch(/did not answer/)
})

test('[RLA-06] a challenge is solved and the request sent again with its proof, once', async () => {
  const proofs: (string | undefined)[] = []
  const asked = {
    type: '/problems/challenge',
    challenge: 'link.1.nonce.mac',
    bits: 8,
    header: 'x-work-proof',
  }
  const serve = (solved: Response) =>
    vi.stubGlobal('fetch', async (_: string, { headers }: { headers: Record<string, string> }) => {
      const proof = headers['x-work-proof']
      proofs.push(proof)
      return proof ? solved : problem(429, asked)
    })
  serve(new Response('{"done":true}'))
  expect(await api('/api/share/x')).toEqual({ done: true })
  expect(proofs).toEqual([undefined, expect.stringMatching(/^link\.1\.nonce\.mac\.\d+$/)])
  const counter = proofs[1]?.split('.').at(-1)
  expect(createHash('sha256').update(`${asked.challenge}:${counter}`).digest()[0]).toBe(0)

  proofs.length = 0
  serve(problem(429, { type: '/problems/abuse', detail: 'Refused for now.' }))
  expect(await api('/api/share/x').catch((error: unknown) => error)).toMatchObject({ code: 'abuse' })
  expect(proofs.length).toBe(2)
})

test('a body is sent as JSON and 204 gives nothing back', async () => {
  const seen: RequestInit[] = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    seen.push(init)
    return new Response(null, { status: 204 })
  })
  expect(await api('/api/x', { method: 'POST', body: { a: 1 } })).toBeUndefined()
  expect(seen[0]).toMatchObject({ method: 'POST', body: '{"a":1}', credentials: 'same-origin' })
})

test('[ASVS-7.5.1] where a newer proof of identity is wanted, it is asked for once, and the call goes on', async () => {
  const answers = [problem(403, { type: '/problems/reauthenticate' }), new Response(null, { status: 204 })]
  const calls: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    calls.push(path)
    return answers.shift()
  })
  const shown: boolean[] = [true, false]
  const forget = askForProofBy(async () => shown.shift() ?? false)
  expect(await api('/api/x', { method: 'POST', body: {} })).toBeUndefined()
  expect(calls).toEqual(['/api/x', '/api/x'])
  for (const wants of ['closed by the person', 'nobody asks any more']) {
    answers.push(problem(403, { type: '/problems/reauthenticate' }))
    await expect(api('/api/x'), wants).rejects.toMatchObject({ code: 'reauthenticate' })
    forget()
  }
  expect([calls.length, shown.length]).toEqual([4, 0])
})
