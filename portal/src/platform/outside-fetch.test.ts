import type { lookup } from 'node:dns'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { createOutsideFetch, OutsideRefusal } from './outside-fetch.ts'

let server: Listening
let asked: string[]
beforeEach(async () => {
  asked = []
  server = await listenOnFreePort(
    createServer(async (req, res) => {
      const body: Buffer[] = []
      for await (const piece of req) body.push(piece as Buffer)
      asked.push(`${req.method} ${req.url} ${Buffer.concat(body)}`)
      if (req.url === '/elsewhere') return void res.writeHead(302, { location: '/here' }).end()
      if (req.url === '/empty') return void res.writeHead(204).end()
      res.writeHead(201, { 'content-type': 'text/plain', 'x-type': `${req.headers['content-type']}` })
      res.end('answer')
    }),
  )
})
afterEach(() => server.stop())

type Addresses = { address: string; family: number }[]

/** A name service that says something else each time it is asked. */
function liar(...turns: string[][]) {
  let times = 0
  const resolve = ((_name: string, _options: object, done: (e: null, all: Addresses) => void) => {
    const turn = turns[Math.min(times, turns.length - 1)] ?? []
    times += 1
    done(
      null,
      turn.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof lookup
  return { resolve, times: () => times }
}

/** Of TEST-NET-like nature for us: public by its range, and never reached within a test. */
const PUBLIC = '8.8.8.8'
const reasonOf = (asking: Promise<Response>) =>
  asking.then(
    (answer) => `answered ${answer.status}`,
    (error: Error) => error.name,
  )

describe('[ASVS-1.3.6] asking outside', () => {
  it('is what fetch is, for an address that a setting names as itself', async () => {
    for (const origin of [server.origin, server.origin.replace('127.0.0.1', 'localhost')]) {
      const ask = createOutsideFetch({ named: [`${origin}/base`] })
      const answer = await ask(`${origin}/x?y=1`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) })
      expect([answer.status, await answer.text()]).toEqual([201, 'answer'])
      expect(answer.headers.get('x-type')).toBe('application/x-www-form-urlencoded')
      expect(asked.at(-1)).toBe('POST /x?y=1 a=b+c')
      expect((await ask(`${origin}/empty`)).status).toBe(204)
    }
  })

  it('follows no redirect, wherever it leads', async () => {
    const ask = createOutsideFetch({ named: [server.origin] })
    await expect(ask(`${server.origin}/elsewhere`)).rejects.toThrow(OutsideRefusal)
    expect(asked).toEqual(['GET /elsewhere '])
  })

  it('refuses what a document names inside, whatever the setting named', async () => {
    const { port } = server
    const ask = createOutsideFetch({ named: ['https://issuer.example', `http://localhost:${port + 1}`] })
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0', 'localhost'])
      expect(await reasonOf(ask(`http://${host}:${port}/`))).toBe('OutsideRefusal')
    for (const url of ['file:///etc/passwd', 'ftp://example.com/', 'nonsense'])
      expect(await reasonOf(ask(url))).toBe('OutsideRefusal')
    expect(asked).toEqual([])
  })

  it('judges the address that it connects to: a name that changes has no second look-up', async () => {
    const url = `http://rebind.example:${server.port}/`
    const twoFaced = liar([PUBLIC], ['127.0.0.1'])
    const ask = createOutsideFetch({ resolve: twoFaced.resolve })
    // Reached or not, it was the public address that was tried.
    expect(await reasonOf(ask(url, { signal: AbortSignal.timeout(300) }))).not.toMatch(/answered/)
    expect(twoFaced.times()).toBe(1)
    expect(await reasonOf(ask(url))).toBe('OutsideRefusal')
    expect(asked).toEqual([])
  })

  it.each([
    [['127.0.0.1']],
    [['::1']],
    [['169.254.169.254']],
    [['::ffff:10.0.0.1']],
    [[PUBLIC, '127.0.0.1']],
    [['127.0.0.1', PUBLIC]],
    [[]],
  ])('refuses a name that stands for %j', async (addresses) => {
    const ask = createOutsideFetch({ resolve: liar(addresses).resolve })
    expect(await reasonOf(ask(`http://name.example:${server.port}/`))).toBe('OutsideRefusal')
    expect(asked).toEqual([])
  })

  it('reaches a private host that the operator allows, and that port alone where one is named', async () => {
    const { resolve } = liar(['127.0.0.1'])
    const url = `http://localhost:${server.port}/`
    for (const host of ['localhost', `LOCALHOST:${server.port}`])
      expect((await createOutsideFetch({ privateHosts: [host], resolve })(url)).status).toBe(201)
    const other = createOutsideFetch({ privateHosts: [`localhost:${server.port + 1}`], resolve })
    expect(await reasonOf(other(url))).toBe('OutsideRefusal')
  })
})
