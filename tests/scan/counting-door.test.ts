import { createServer } from 'node:http'
import { request } from 'node:https'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { selfSigned } from '../support/certificate.ts'
import { type Listening, listenOnFreePort } from '../support/listen.ts'
import { type CountingDoor, startCountingDoor } from './counting-door.ts'
import { plantedStarts, plantHoles } from './planted-holes.ts'

const COOKIE = 'session=one'
let behind: Listening
let door: CountingDoor
beforeAll(async () => {
  behind = await listenOnFreePort(
    createServer((req, res) => {
      res.writeHead(req.headers.cookie === COOKIE ? 200 : 401, { 'set-cookie': ['a=1', 'b=2'] })
      req.pipe(res)
    }),
  )
  door = await startCountingDoor(selfSigned(), {
    planted: plantHoles((cookie) => cookie === COOKIE),
    leavesOut: (path) => path.startsWith('/_next/'),
  })
  door.leadTo(behind.origin)
})
afterAll(async () => {
  await door.stop()
  await behind.stop()
})

type Answer = { status?: number; body: string; cookies?: string[]; location?: string }

const ask = (path: string, { cookie = COOKIE, body = '' } = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request(
      new URL(path, door.url),
      { method: body ? 'POST' : 'GET', rejectUnauthorized: false, headers: { cookie }, agent: false },
      async (answer) => {
        let text = ''
        for await (const piece of answer) text += piece
        const { statusCode: status, headers } = answer
        resolve({
          ...{ status, body: text },
          ...(headers['set-cookie'] ? { cookies: headers['set-cookie'] } : {}),
          ...(headers.location ? { location: headers.location } : {}),
        } as Answer)
      },
    )
    sent.once('error', reject).end(body)
  })

it('leads everything on as it came, and counts how it was answered', async () => {
  expect(await ask('/a?b=1', { body: 'text' })).toEqual({
    status: 200,
    body: 'text',
    cookies: ['a=1', 'b=2'],
  })
  expect((await ask('/a?b=1', { cookie: 'none' })).status).toBe(401)
  expect((await ask('/a?b=1')).status).toBe(200)
  await expect(ask('/_next/chunk.js')).rejects.toThrow()
  expect([...door.first]).toEqual([
    ['POST /a?b=1', 200],
    ['GET /a?b=1', 401],
  ])
  expect([...door.counts]).toEqual([
    [200, 2],
    [401, 1],
  ])
})

it('shows what is planted to who is signed in, and to nobody else', async () => {
  const [echo = '', find = '', go = ''] = plantedStarts('').map((start) => start.replace(/a$/, ''))
  expect((await ask(`${echo}%3Cscript%3E`)).body).toContain('<script>')
  expect((await ask(`${find}a`)).body).not.toContain('ERROR')
  expect((await ask(`${find}a'`)).body).toContain('PostgreSQL query failed')
  expect((await ask(`${go}https://else.example/`)).location).toBe('https://else.example/')
  for (const path of [echo, find, go])
    expect(await ask(path, { cookie: 'none' })).toEqual({ status: 401, body: '' })
})
