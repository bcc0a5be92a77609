import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { listenOnFreePort } from '../../../tests/support/listen.ts'
import { sendWebhook } from './send-webhook.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function receiver(answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const { origin, stop } = await listenOnFreePort(createServer(answer))
  stops.push(stop)
  return (body = '{}') =>
    sendWebhook({ url: `${origin}/hooks?a=b`, secret: 's' }, body, new Date(), new AbortController().signal)
}

it('delivers on any 2xx and keeps the first kilobyte of the answer', async () => {
  const send = await receiver((req, res) => {
    expect(req.url).toBe('/hooks?a=b')
    res.writeHead(204, { server: 'test', 'set-cookie': 'secret' }).end()
  })
  expect(await send()).toMatchObject({ status: 204, delivered: true, error: null })
  const wordy = await receiver((_req, res) => void res.writeHead(200).end(`\0${'x'.repeat(100_000)}`))
  const { body, headers } = await wordy()
  expect(body).toBe('x'.repeat(1023))
  expect(headers).not.toHaveProperty('set-cookie')
})

it.each([301, 307, 400, 404, 410, 500])(
  '[ASVS-15.3.2] counts %i as a refusal, and follows nothing',
  async (status) => {
    let asked = 0
    const send = await receiver((_req, res) => {
      asked += 1
      res.writeHead(status, { location: '/elsewhere' }).end()
    })
    expect(await send()).toMatchObject({ status, delivered: false })
    expect(asked).toBe(1)
  },
)

it('gives up after five seconds without an answer, also where the body never ends', {
  timeout: 15_000,
}, async () => {
  const silent = await receiver(() => undefined)
  const endless = await receiver((_req, res) => void res.writeHead(200).write('begun'))
  const [none, begun] = await Promise.all([silent(), endless()])
  expect(none).toMatchObject({ status: null, delivered: false, error: 'no answer within 5 seconds' })
  expect(begun).toMatchObject({ status: 200, delivered: true, body: 'begun' })
})

it('sends again at once where a kept connection turns out to be closed', async () => {
  let served = 0
  const send = await receiver((req, res) => {
    served += 1
    // The second request of a connection is met by its end.
    if (served === 2) req.socket.resetAndDestroy()
    else res.writeHead(200).end()
  })
  expect(await send()).toMatchObject({ delivered: true })
  expect(await send()).toMatchObject({ delivered: true })
  expect(served).toBe(3)
})

it('says why it could not connect', async () => {
  const send = await receiver(() => undefined)
  await Promise.all(stops.splice(0).map((stop) => stop()))
  expect(await send()).toMatchObject({
    status: null,
    delivered: false,
    error: expect.stringContaining('ECONNREFUSED'),
  })
})
