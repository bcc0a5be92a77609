import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Mux from '@mux/mux-node'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, type Engine } from '#engine/compose.ts'
import { type InputServer, startInputServer } from '../../../../tests/conformance/input-server.ts'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { type EngineVideo, uploadClip } from '../../../../tests/support/engine-video.ts'
import { type Listening, listenOnFreePort } from '../../../../tests/support/listen.ts'
import { toolPaths } from '../../../../tests/support/media-clips.ts'
import { type Player, startPlayer } from '../../../../tests/support/player-page.ts'
import type { TestDatabase } from '../../../../tests/support/test-postgres.ts'
import { until } from '../../../../tests/support/until.ts'

const CLIP = { seconds: 20, width: 320, height: 180 }
const SRT =
  '1\n00:00:02,000 --> 00:00:04,000\nDas ist <b>fett</b>\n\n2\n00:00:12,250 --> 00:00:13,000\nspät\n'
let database: TestDatabase
let folder: string
let engine: Engine
let listening: Listening
let files: InputServer
let player: Player
let mux: Mux
let video: EngineVideo

beforeAll(async () => {
  database = await createTestDatabase('engine')
  folder = await mkdtemp(join(tmpdir(), 'engine-player-'))
  files = await startInputServer()
  listening = await listenOnFreePort(createServer((req, res) => void engine.handle(req, res)))
  engine = await createEngine({
    ...{
      databaseUrl: '',
      pool: database.poolConfig,
      storage: { kind: 'disk', folder },
      ...(await toolPaths()),
    },
    ...{ publicUrl: listening.origin, credentials: [{ id: 'id', secret: 'secret' }], webhooks: [] },
    ...{ sessionSecret: 'one secret for all processes of the engine', allowedInputHosts: ['127.0.0.1'] },
    ...{ roles: ['api', 'delivery', 'worker'], log: pino({ level: 'silent' }) },
    ...{ maxUploadBytes: 100_000_000, maxDurationSeconds: 60 },
  })
  await engine.start()
  mux = new Mux({ baseURL: listening.origin, tokenId: 'id', tokenSecret: 'secret', maxRetries: 0 })
  video = await uploadClip(mux, CLIP)
  player = await startPlayer()
}, 120_000)
afterAll(async () => {
  await player?.stop()
  await engine?.stop()
  await Promise.all([listening?.stop(), files?.stop(), database?.close()])
  await rm(folder, { recursive: true, force: true })
})

async function addTrack(type: 'text' | 'audio', name: string, path: string, body: Buffer) {
  const url = files.serve(path, { body })
  const made = await mux.video.assets.createTrack(video.assetId, { url, type, name, language_code: 'de' })
  await until(
    'the track to be ready',
    async () => {
      const { tracks = [] } = await mux.video.assets.retrieve(video.assetId)
      return tracks.find(({ id }) => id === made.id)?.status === 'ready'
    },
    60_000,
  )
}

/** The part of hls.js that is used in the page. */
type Hls = { audioTracks: { name: string }[]; audioTrack: number }
type PlayerElement = HTMLVideoElement & { api: Hls; nativeEl: HTMLVideoElement }

it('hls.js shows an added text at its time and switches to added sound, which is heard', async () => {
  await addTrack('text', 'Deutsch', '/de.srt', Buffer.from(SRT))
  // 440 Hz in the video; the added sound is 1760 Hz.
  await addTrack('audio', 'Hoch', '/high.wav', sineWav(1760, CLIP.seconds))
  const url = `${listening.origin}/${video.playbackId}.m3u8?token=${await video.token({ default_subtitles_lang: 'de' })}`
  await player.play(url, { text: true })
  const { cues } = await until('the cues', async () => {
    const watched = await player.watched()
    expect(watched.fatal).toEqual([])
    return watched.cues.length === 2 ? watched : null
  })
  expect(cues.map(({ start, end, text }) => [start, end, text].map(rounded))).toEqual([
    [2, 4, 'Das ist <b>fett</b>'],
    [12.25, 13, 'spät'],
  ])
  await player.page.evaluate(listenInPage)
  // However long a busy machine takes to listen, there is something to hear.
  await player.page.evaluate(() => {
    ;(document.getElementById('player') as PlayerElement).nativeEl.loop = true
  })
  const heard = () => player.page.evaluate(() => (window as unknown as { heard(): number }).heard())
  await until('the video’s own sound', async () => Math.abs((await heard()) - 440) < 60)
  await player.page.evaluate(() => {
    const { api } = document.getElementById('player') as PlayerElement
    api.audioTrack = api.audioTracks.findIndex(({ name }) => name === 'Hoch')
  })
  await until('the added sound', async () => Math.abs((await heard()) - 1760) < 60)
  expect((await player.watched()).fatal).toEqual([])
}, 90_000)

const rounded = (value: number | string) =>
  typeof value === 'number' ? Math.round(value * 100) / 100 : value

/** Runs in the page: `heard()` tells the strongest frequency, in hertz. */
async function listenInPage(): Promise<void> {
  const media = (document.getElementById('player') as PlayerElement).nativeEl
  media.muted = false
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 4096 })
  context.createMediaElementSource(media).connect(analyser)
  await context.resume()
  const levels = new Uint8Array(analyser.frequencyBinCount)
  const heard = () => {
    analyser.getByteFrequencyData(levels)
    const loudest = levels.indexOf(Math.max(...levels))
    return (loudest * context.sampleRate) / analyser.fftSize
  }
  Object.assign(window, { heard })
}

/** 48 kHz, 16 bits, one channel. */
function sineWav(hertz: number, seconds: number): Buffer {
  const samples = Buffer.alloc(48_000 * seconds * 2)
  for (let n = 0; n < 48_000 * seconds; n += 1)
    samples.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * n) / 48_000)), n * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(48_000, 24)
  head.writeUInt32LE(96_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}
