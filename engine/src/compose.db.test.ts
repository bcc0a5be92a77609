import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Mux from '@mux/mux-node'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { put } from '../../tests/conformance/upload-client.ts'
import { makeClip } from '../../tests/conformance/video-client.ts'
import { startWebhookSink, type WebhookSink } from '../../tests/conformance/webhook-sink.ts'
import { createTestDatabase } from '../../tests/support/database.ts'
import { type Listening, listenOnFreePort } from '../../tests/support/listen.ts'
import type { TestDatabase } from '../../tests/support/test-postgres.ts'
import { endpoints } from './api/routes.ts'
import { createEngine, type Engine, type EngineRole } from './compose.ts'

let database: TestDatabase
let sink: WebhookSink
let folder: string
let listening: Listening
let web: Engine
let mux: Mux

const engine = (roles: EngineRole[]) =>
  createEngine({
    databaseUrl: '',
    pool: database.poolConfig,
    storage: { kind: 'disk', folder },
    publicUrl: listening.origin,
    credentials: [{ id: 'id', secret: 'secret' }],
    webhooks: [{ url: sink.url, secret: 'webhook secret' }],
    sessionSecret: 'one secret for all processes of the engine',
    ffmpegPath: 'ffmpeg',
    ffprobePath: 'ffprobe',
    roles,
    log: pino({ level: 'silent' }),
    maxUploadBytes: 100_000_000,
    maxDurationSeconds: 60,
  })

beforeAll(async () => {
  database = await createTestDatabase('engine')
  sink = await startWebhookSink()
  folder = await mkdtemp(join(tmpdir(), 'engine-compose-'))
  const server = createServer((req, res) => {
    if (!web.handle(req, res)) res.writeHead(418).end()
  })
  listening = await listenOnFreePort(server)
  web = await engine(['api', 'delivery'])
  await web.start()
  mux = new Mux({ baseURL: listening.origin, tokenId: 'id', tokenSecret: 'secret', maxRetries: 0 })
})
afterAll(async () => {
  await web.stop()
  await listening.stop()
  await sink.stop()
  await rm(folder, { recursive: true, force: true })
  await database.close()
})

it('leaves every URL alone that is not its own', async () => {
  for (const path of [
    '/',
    '/videos',
    '/video',
    '/video/v2/assets',
    '/uploads',
    '/system',
    '/api/video/v1/assets',
  ]) {
    expect((await fetch(`${listening.origin}${path}`)).status, path).toBe(418)
  }
  for (const path of [
    '/video/v1',
    '/video/v1/assets',
    '/system/v1/whoami',
    '/upload/x',
    `/${'A'.repeat(44)}.m3u8`,
  ]) {
    expect((await fetch(`${listening.origin}${path}`)).status, path).not.toBe(418)
  }
})

it('[E2E-08] bounds the body of every endpoint, whoever asks', async () => {
  const authorization = `Basic ${Buffer.from('id:secret').toString('base64')}`
  const large = Buffer.alloc(128 * 1024 + 1, 32)
  const asked = endpoints.filter(({ body }) => body !== undefined)
  expect(asked.length).toBeGreaterThan(10)
  for (const { method, paths } of asked) {
    const path = paths[0]!.replace(/:\w+/g, 'x')
    const init = { method, headers: { authorization }, body: large }
    expect((await fetch(`${listening.origin}${path}`, init)).status, `${method} ${path}`).toBe(413)
  }
})

it('[E2E-08] does not take in what playback never asks for', async () => {
  const socket = connect(listening.port, '127.0.0.1')
  socket.on('error', () => undefined)
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes
  })
  const over = new Promise((resolve) => socket.once('close', resolve))
  socket.write(`GET /${'A'.repeat(44)}.m3u8 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`)
  const flood = setInterval(() => {
    if (socket.writable) socket.write(`2000\r\n${'x'.repeat(0x2000)}\r\n`)
  }, 20)
  await over
  clearInterval(flood)
  expect(heard).toMatch(/^HTTP\/1\.1 404 /)
})

it('makes a video of an upload, with web and worker apart, and tells of each step', async () => {
  const upload = await mux.video.uploads.create({
    cors_origin: '*',
    new_asset_settings: { playback_policies: ['signed'], passthrough: 'mine' },
  })
  expect((await put(upload.url!, { body: await makeClip(2) }))?.status).toBe(200)
  const { asset_id: assetId } = await mux.video.uploads.retrieve(upload.id)
  expect((await mux.video.assets.retrieve(assetId!)).status).toBe('preparing')
  expect(sink.received).toHaveLength(0)

  const worker = await engine(['worker'])
  await worker.start()
  await worker.drain()
  expect(await mux.video.assets.retrieve(assetId!)).toMatchObject({
    status: 'ready',
    passthrough: 'mine',
    progress: { state: 'completed', progress: 100 },
  })
  expect(sink.received.map(({ event }) => event.type).toSorted()).toEqual([
    'video.asset.created',
    'video.asset.ready',
    'video.upload.asset_created',
    'video.upload.created',
  ])

  await mux.video.assets.delete(assetId!)
  await worker.stop()
})

it('drains without a started worker too', async () => {
  await mux.video.uploads.create({ cors_origin: '*' })
  const before = sink.received.length
  const idle = await engine(['worker'])
  await idle.drain()
  expect(sink.received.length).toBeGreaterThan(before)
  await idle.stop()
})
