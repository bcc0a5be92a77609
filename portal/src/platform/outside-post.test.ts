import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { isPublic } from './outside-fetch.ts'
import { postOutside } from './outside-post.ts'

const OPTIONS = { contentType: 'text/plain', deadlineMs: 20_000, maxBytes: 100 }
let server: Listening
let asked: string[]
beforeEach(async () => {
  asked = []
  server = await listenOnFreePort(
    createServer((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      if (req.url === '/silent') return
      if (req.url === '/long') return void res.end('x'.repeat(101))
      if (req.url === '/elsewhere') return void res.writeHead(302, { location: '/here' }).end()
      res.writeHead(409, { 'content-type': 'text/x.tlog.size' })
      req.pipe(res)
    }),
  )
})
afterEach(() => server.stop())

describe('posting to what a setting names', () => {
  it('[ASVS-13.2.4] reaches an address that stands in the setting as itself, and this machine by its own name', async () => {
    const answer = await postOutside(`${server.origin}/x`, 'hello', OPTIONS)
    expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: Buffer.from('hello') })
    const local = server.origin.replace('127.0.0.1', 'localhost')
    expect((await postOutside(`${local}/x`, 'hello', OPTIONS)).status).toBe(409)
  })

  it('[ASVS-1.3.6] does not reach a name that leads to this machine', async () => {
    for (const name of ['ip6-localhost', 'localhost.', 'some.localhost'])
      await expect(postOutside(server.origin.replace('127.0.0.1', name), 'hello', OPTIONS)).rejects.toThrow(
        /not on the public internet|no connection/,
      )
    expect(asked).toEqual([])
  })

  it('ends at its deadline, at too long an answer, and follows nothing', async () => {
    await expect(postOutside(`${server.origin}/silent`, '', { ...OPTIONS, deadlineMs: 50 })).rejects.toThrow(
      'no answer within 50 ms',
    )
    await expect(postOutside(`${server.origin}/long`, '', OPTIONS)).rejects.toThrow('longer than 100 bytes')
    expect((await postOutside(`${server.origin}/elsewhere`, '', OPTIONS)).status).toBe(302)
    expect(asked).not.toContain('POST /here')
  })

  it.each([
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'ff02::1',
    'nonsense',
  ])('%s is not on the public internet', (address) => expect(isPublic(address)).toBe(false))
  it.each(['8.8.8.8', '2606:4700::1111'])('%s is', (address) => expect(isPublic(address)).toBe(true))
})
