import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
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
