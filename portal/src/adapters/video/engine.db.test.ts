import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createEngine, type Engine } from '@mm/engine'
import pino from 'pino'
import { makeClip } from '../../../../tests/support/clips.ts'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { listenOnFreePort } from '../../../../tests/support/listen.ts'
import { videoContract } from './contract.ts'
import { createMuxVideo } from './mux.ts'

videoContract('the engine', async () => {
  const database = await createTestDatabase('engine')
  const folder = await mkdtemp('/tmp/mm-engine-')
  const clip = await readFile(await makeClip({ seconds: 2, width: 320, height: 180 }))
  let engine: Engine | undefined
  const server = createServer((req, res) => {
    if (!engine?.handle(req, res)) res.writeHead(404).end()
  })
  const { origin, stop } = await listenOnFreePort(server)
  engine = await createEngine({
    databaseUrl: database.url,
    storage: { kind: 'disk', folder },
    publicUrl: origin,
    credentials: [{ id: 'portal', secret: 'a secret of the test' }],
    webhooks: [],
    sessionSecret: 'a session secret of the test, long enough',
    ffmpegPath: process.env.FFMPEG_PATH ?? '/usr/bin/ffmpeg',
    ffprobePath: process.env.FFPROBE_PATH ?? '/usr/bin/ffprobe',
    roles: ['api', 'delivery', 'worker'],
    log: pino({ level: 'silent' }),
    maxUploadBytes: 100_000_000,
    maxDurationSeconds: 3600,
  })
  await engine.start()

  return {
    port: createMuxVideo({
      installation: 'this-portal',
      provider: 'engine',
      apiOrigin: origin,
      tokenId: 'portal',
      tokenSecret: 'a secret of the test',
      webhookSecret: 'a webhook secret of the test',
      streamOrigin: origin,
      imageOrigin: origin,
    }),
    async put(url) {
      const headers = { 'content-range': `bytes 0-${clip.length - 1}/${clip.length}` }
      await fetch(url, { method: 'PUT', headers, body: clip })
    },
    settle: () => engine!.drain(),
    async stop() {
      await engine?.stop()
      await stop()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
