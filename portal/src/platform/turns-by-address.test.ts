import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { until } from '../../../tests/support/until.ts'
import { clientAddress, proxyTrust, sourceOf } from '../api/client-address.ts'
import { inTurns, type TurnBounds } from './turns-by-address.ts'

let server: Listening
let begun: { who: string; at: number; finish: () => void }[]
afterEach(() => server.stop())

let arrived = 0
async function serve(bounds: Partial<TurnBounds>, addressOf = (from: string) => from) {
  begun = []
  arrived = 0
  const handle = inTurns(
    (req, res: ServerResponse) =>
      new Promise<void>((resolve) => {
        const finish = () => {
          res.end('page')
          resolve()
        }
        begun.push({ who: `${req.headers['x-from']}`, at: performance.now(), finish })
      }),
    (req) => {
      arrived += 1
      return addressOf(`${req.headers['x-from']}`)
    },
    bounds,
  )
  server = await listenOnFreePort(createServer(handle))
}
const ask = (from: string, signal?: AbortSignal) =>
  fetch(server.origin, { headers: { 'x-from': from }, ...(signal ? { signal } : {}) })
const finishAll = () =>
  setInterval(() => {
    for (const { finish } of begun) finish()
  }, 5)
const whoBegan = () => begun.map(({ who }) => who)

describe('[E2E-08] pages in turns', () => {
  it('go round the addresses, a few at a time, and beyond their room are refused at once', async () => {
    await serve({ atOnce: 2, waitingPerAddress: 3, turnMs: 60_000 })
    const greedy = Array.from({ length: 9 }, () => ask('a').then(({ status }) => status))
    await until('two to begin', () => begun.length === 2)
    await until('the rest to be refused', async () => (await Promise.race([...greedy, null])) === 503)
    const honest = ask('b').then(({ status }) => status)
    await until('the other address to stand in line', () => arrived === greedy.length + 1)
    begun[0]?.finish()
    await until('a third turn', () => begun.length === 3)
    begun[1]?.finish()
    await until('a fourth turn', () => begun.length === 4)
    expect(whoBegan().slice(0, 4)).toContain('b')
    const finishing = finishAll()
    expect(await honest).toBe(200)
    const statuses = await Promise.all(greedy)
    clearInterval(finishing)
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 503, 503, 503, 503])
  })

  it('are counted by what one household has: its whole /64 waits for itself, its neighbour does not', async () => {
    const proxy = proxyTrust(1)
    const behindProxy = (from: string) => sourceOf(clientAddress('127.0.0.1', from, proxy))
    await serve({ atOnce: 1, waitingPerAddress: 3, turnMs: 60_000 }, behindProxy)
    const first = ask('2001:db8:7:8::1').then(({ status }) => status)
    await until('the first to begin', () => begun.length === 1)
    // Each from an address of its own.
    const household = Array.from({ length: 6 }, (_, n) =>
      ask(`2001:db8:7:8:${n}:abcd::${n}`).then(({ status }) => status),
    )
    await until('the rest to be refused', async () => (await Promise.race([...household, null])) === 503)
    await until('all of the household to have come', () => arrived === 1 + household.length)
    const others = ['2001:db8:7:9::1', '192.0.2.7', '192.0.2.8', '::ffff:192.0.2.9']
    const neighbours = others.map((from) => ask(from).then(({ status }) => status))
    await until('the others to stand in line', () => arrived === 1 + household.length + others.length)
    const finishing = finishAll()
    expect(await Promise.all([first, ...neighbours])).toEqual([200, 200, 200, 200, 200])
    expect((await Promise.all(household)).toSorted()).toEqual([200, 200, 200, 503, 503, 503])
    clearInterval(finishing)
  })

  it('of a crowd are made one by one with rests between them', async () => {
    const REST_MS = 40
    await serve({ atOnce: 4, waitingPerAddress: 20, crowd: 3, longestRestMs: REST_MS, turnMs: 60_000 })
    const crowd = Array.from({ length: 9 }, () => ask('a').then(({ status }) => status))
    await until('all to stand in line', () => arrived === crowd.length)
    expect(begun.length).toBe(5)
    for (const { finish } of begun.slice(0, 4)) finish()
    for (const turns of [5, 6]) {
      const began = begun[turns - 1]?.at ?? 0
      await until('it to last longer than a rest', () => performance.now() - began > REST_MS)
      expect(begun.length).toBe(turns)
      const ended = performance.now()
      begun[turns - 1]?.finish()
      await until('the turn after it', () => begun.length > turns)
      expect((begun[turns]?.at ?? 0) - ended).toBeGreaterThan(REST_MS / 2)
    }
    const finishing = finishAll()
    expect(await Promise.all(crowd)).toEqual(Array.from({ length: 9 }, () => 200))
    clearInterval(finishing)
  })

  it('of everybody else go on, while a crowd’s page is made and while it rests', async () => {
    const BOUNDS = { atOnce: 2, crowd: 3, longestRestMs: 60_000, turnMs: 60_000 }
    await serve({ ...BOUNDS, waitingPerAddress: 20 })
    const crowd = Array.from({ length: 9 }, () => ask('a').catch(() => null))
    await until('all to stand in line', () => arrived === crowd.length)
    expect(begun.length).toBe(3)
    for (const { finish } of begun.slice(0, 2)) finish()
    const others = ['b', 'c'].map((who) => ask(who).then(({ status }) => status))
    await until('both to begin beside the crowd’s', () => begun.length === 5)
    expect(whoBegan().slice(3).toSorted()).toEqual(['b', 'c'])
    const now = performance.now.bind(performance)
    const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + BOUNDS.longestRestMs)
    for (const { finish } of begun) finish()
    expect(await Promise.all(others)).toEqual([200, 200])
    later.mockRestore()
    const meanwhile = ['d', 'e'].map((who) => ask(who).then(({ status }) => status))
    await until('both to begin in the crowd’s rest', () => begun.length >= 7)
    expect(whoBegan().slice(5, 7).toSorted()).toEqual(['d', 'e'])
    const finishing = finishAll()
    expect(await Promise.all(meanwhile)).toEqual([200, 200])
    clearInterval(finishing)
    await server.stop()
    await Promise.all(crowd)
  })

  it('are not made for who has gone, and none holds its place for ever', async () => {
    await serve({ atOnce: 1, waitingPerAddress: 10, turnMs: 100 })
    const first = ask('a')
    await until('the first to begin', () => begun.length === 1)
    const gone = new AbortController()
    const left = ask('a', gone.signal).catch(() => 'left')
    gone.abort()
    expect(await left).toBe('left')
    void ask('b').catch(() => undefined)
    await until('the next turn', () => whoBegan().includes('b'))
    expect(whoBegan().filter((who) => who === 'a').length).toBeLessThanOrEqual(2)
    begun[0]?.finish()
    expect((await first).status).toBe(200)
  })
})
