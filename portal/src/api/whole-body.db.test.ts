import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp, type TestHttp } from '../../../tests/support/test-http.ts'

const PATH = '/api/auth/sign-in/email'

let t: TestApp
let http: TestHttp
beforeAll(async () => {
  t = await createTestApp()
  http = await serveTestApp(t)
})
afterAll(async () => {
  await http?.stop()
  await t?.stop()
})

/** Sends the head of a request and a part of its body. @returns what came back once its sender hung up, or was answered */
function begin(length: number, part: string, whenSent: 'leave' | 'stay'): Promise<string> {
  const { hostname, port } = new URL(http.origin)
  const head = `POST ${PATH} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n`
  let heard = ''
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${head}content-length: ${length}\r\n\r\n${part}`, () => {
        if (whenSent === 'leave') socket.end()
      }),
    )
    socket.on('data', (bytes) => {
      heard += bytes
      socket.destroy()
    })
    socket.once('close', () => resolve(heard))
  })
}

/** How often somebody may still try, as the answer to a whole try says. */
async function triesLeft(): Promise<number> {
  const answer = await http.send('POST', '/api/auth/sign-in/code', { body: { code: '000000' } })
  return Number(/"sign-in";r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1])
}

describe('[E2E-08] a sign-in whose body', () => {
  it('never comes is not counted', async () => {
    const before = await triesLeft()
    const heard = await Promise.all(Array.from({ length: 6 }, () => begin(5000, '{"email":', 'leave')))
    // Node's own word to who hangs up half-way: the portal has noticed.
    for (const answer of heard)
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/)
    expect(await triesLeft()).toBeGreaterThanOrEqual(before - 1)
  })

  it('comes in pieces is read as it was sent', async () => {
    const { hostname, port } = new URL(http.origin)
    const body = JSON.stringify({ email: 'nobody@portal.example', password: 'ü'.repeat(40) })
    const size = Buffer.byteLength(body)
    const bytes = Buffer.from(body)
    const socket = connect(Number(port), hostname)
    const answered = new Promise<string>((resolve) => socket.once('data', (text) => resolve(`${text}`)))
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`,
    )
    for (let at = 0; at < size; at += 41) {
      socket.write(bytes.subarray(at, at + 41))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await answered).toMatch(/^HTTP\/1\.1 401 /)
    socket.destroy()
  })

  it('is larger than the door waits for is refused before any of it is read', async () => {
    expect(await begin(64 * 1024 + 1, '{', 'stay')).toMatch(/^HTTP\/1\.1 413 [\s\S]*larger than 64 KiB/)
  })
})
