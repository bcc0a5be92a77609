import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IngestRun } from '../../../tests/support/ingest-run.ts'
import { type ClipFolder, decode, pictures } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import type { PlaybackNode, PlaybackStack } from '../../../tests/support/playback-stack.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'

const SECONDS = 12
let playable: PlayableClip
let clips: ClipFolder
let run: IngestRun
let db: TestDatabase
let stack: PlaybackStack
let node: PlaybackNode
let open: string

beforeAll(async () => {
  // Red for four seconds, then green, then blue; a chequered patch at the right edge.
  const colours = ['red', 'green', 'blue'].flatMap((colour) => [
    ...['-f', 'lavfi', '-i', `color=${colour}:size=640x360:rate=25:duration=4`],
  ])
  const graph =
    '[0][1][2]concat=n=3:v=1[film];[3]crop=120:360[patch];[film][patch]overlay=520:0:shortest=1,format=yuv420p'
  playable = await createPlayableClip([
    ...[...colours, ...pictures('640x360', SECONDS), '-filter_complex', graph],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50'],
  ])
  ;({ clips, run, db, stack } = playable)
  node = await stack.node()
  open = await stack.addPlaybackId('public')
}, 120_000)
afterAll(async () => {
  await node?.stop()
  await playable?.remove()
})
afterEach(async () => {
  await db.pool.query('update engine.assets set thumbnail_time = null')
  node.delivery.forget('*')
})

const ask = (path: string, init?: RequestInit) => fetch(new URL(path, node.origin), init)
const signed = async (file: string, claims: Record<string, unknown>) =>
  ask(`/${stack.playbackId}/${file}?token=${await stack.token(claims)}`)

/** Size, number of pictures and their colour at the left edge, as ffmpeg reads them. */
async function look(answer: Response) {
  expect(answer.status).toBe(200)
  const type = answer.headers.get('content-type')!
  const path = `${clips.folder}/look.${type.split('/')[1]}`
  const bytes = Buffer.from(await answer.arrayBuffer())
  await writeFile(path, bytes)
  // ffprobe of ffmpeg 5.1 does not read webp that moves.
  if (bytes.includes('ANIM')) return { type, ...animatedWebp(bytes) }
  const { stream, frames } = await decode(path, 'v')
  return { type, width: stream.width, height: stream.height, frames, path }
}

/** The canvas and pictures of a webp that moves (VP8X, ANMF). */
function animatedWebp(bytes: Buffer) {
  const canvas = bytes.indexOf('VP8X') + 12
  const frames = bytes.toString('latin1').split('ANMF').length - 1
  return {
    width: 1 + bytes.readUIntLE(canvas, 3),
    height: 1 + bytes.readUIntLE(canvas + 3, 3),
    frames,
    path: '',
  }
}

/** Red, green or blue: what the picture's left half shows. */
async function colourOf(answer: Response): Promise<string> {
  const { path } = await look(answer)
  const raw = await clips.make('pixel.rgb', [
    ...['-i', path, '-frames:v', '1', '-vf', 'crop=iw/4:ih/2:0:0,scale=1:1', '-f', 'rawvideo'],
    ...['-pix_fmt', 'rgb24'],
  ])
  const [red = 0, green = 0, blue = 0] = await readFile(raw)
  return red > green && red > blue ? 'red' : green > blue ? 'green' : 'blue'
}

describe('a thumbnail', () => {
  const sizes: [string, number, number][] = [
    ['thumbnail.jpg', 640, 360],
    ['thumbnail.png?width=200', 200, 112],
    ['thumbnail.webp?height=90', 160, 90],
    ['thumbnail.jpg?width=100&height=100', 100, 56],
    ['thumbnail.jpg?width=100&height=100&fit_mode=stretch', 100, 100],
    ['thumbnail.jpg?width=100&height=100&fit_mode=crop', 100, 100],
    ['thumbnail.jpg?width=100&height=100&fit_mode=smartcrop', 100, 100],
    ['thumbnail.jpg?width=100&height=100&fit_mode=pad', 100, 100],
    ['thumbnail.jpg?rotate=90', 360, 640],
    ['thumbnail.jpg?rotate=270&width=90', 90, 160],
    ['thumbnail.jpg?flip_h=true&flip_v=true', 640, 360],
  ]
  it.each(sizes)('has the size asked for: %s', async (file, width, height) => {
    expect(await look(await ask(`/${open}/${file}`))).toMatchObject({ width, height, frames: 1 })
  })

  it('shows the moment asked for, the asset’s own choice, or the middle', async () => {
    expect(await colourOf(await ask(`/${open}/thumbnail.png?time=1`))).toBe('red')
    expect(await colourOf(await ask(`/${open}/thumbnail.png`))).toBe('green')
    expect(await colourOf(await ask(`/${open}/thumbnail.png?latest=true`))).toBe('blue')
    expect(await colourOf(await signed('thumbnail.png', { aud: 't', time: 9 }))).toBe('blue')
    await db.pool.query('update engine.assets set thumbnail_time = 2')
    node.delivery.forget('*')
    expect(await colourOf(await ask(`/${open}/thumbnail.png`))).toBe('red')
  })

  it('keeps the detail when it is cut smartly', async () => {
    const bytes = async (fit: string) =>
      (await (await ask(`/${open}/thumbnail.png?width=90&height=180&fit_mode=${fit}`)).arrayBuffer())
        .byteLength
    // The patch lies at the right, out of the middle: even colour makes a small file.
    expect(await bytes('smartcrop')).toBeGreaterThan(3 * (await bytes('crop')))
  })

  it.each([
    ...['width=8', 'width=x', 'height=5000', 'rotate=45', 'fit_mode=fill', 'time=-1', 'asset_start_time=20'],
    'asset_start_time=1&asset_end_time=2&time=3',
  ])('refuses %s', async (query) => {
    expect((await ask(`/${open}/thumbnail.jpg?${query}`)).status).toBe(400)
  })

  it('of a clip shows nothing else', async () => {
    const clip = { aud: 't', asset_start_time: 8.5, asset_end_time: 11 }
    expect(await colourOf(await signed('thumbnail.png', clip))).toBe('blue')
    expect((await signed('thumbnail.png', { ...clip, time: 2 })).status).toBe(400)
    await db.pool.query('update engine.assets set thumbnail_time = 2')
    node.delivery.forget('*')
    expect(await colourOf(await signed('thumbnail.png', clip))).toBe('blue')
  })
})

describe('an animated picture', () => {
  it.each([
    ['animated.gif', 'image/gif', 320, 180, 75],
    ['animated.webp?start=1&end=2&width=160&fps=10', 'image/webp', 160, 90, 10],
    ['animated.gif?start=3.5&end=4.5&height=100&fps=5', 'image/gif', 178, 100, 5],
    ['animated.gif?start=11&fps=4', 'image/gif', 320, 180, 4],
  ])('has the size, length and rate asked for: %s', async (file, type, width, height, frames) => {
    const seen = await look(await ask(`/${open}/${file}`))
    expect(seen).toMatchObject({ type, width, height })
    expect(Math.abs(seen.frames - frames)).toBeLessThanOrEqual(1)
  })

  it.each([
    ...[
      'start=1&end=12',
      'start=1&end=1.1',
      'start=13',
      'width=641',
      'height=641',
      'fps=31',
      'fps=0',
      'end=x',
    ],
    'asset_start_time=1&asset_end_time=3&end=4',
  ])('refuses %s', async (query) => {
    expect((await ask(`/${open}/animated.gif?${query}`)).status).toBe(400)
  })

  it('[ASVS-9.2.3] asks for a token of its own', async () => {
    expect((await signed('animated.gif', { aud: 'g', width: 32, fps: 2 })).status).toBe(200)
    for (const aud of ['t', 's', 'v']) expect((await signed('animated.gif', { aud })).status, aud).toBe(403)
    expect((await ask(`/${stack.playbackId}/animated.webp`)).status).toBe(403)
    expect((await signed('thumbnail.jpg', { aud: 'g' })).status).toBe(403)
  })
})

describe('a storyboard', () => {
  it('of a clip holds tiles of it alone, and its cues count from its beginning', async () => {
    const claims = { aud: 's', asset_start_time: 8, asset_end_time: 12 }
    const board = await (await signed('storyboard.json', claims)).json()
    expect(board).toMatchObject({ duration: 4, tiles: { length: 8 } })
    expect(await colourOf(await signed('storyboard.png', claims))).toBe('blue')
    const shown = await look(await signed('storyboard.jpg', claims))
    expect(shown).toMatchObject({ width: 5 * 256, height: 2 * 144 })
    expect(await colourOf(await signed('storyboard.png', { aud: 's' }))).toBe('red')
  })

  it('of a public clip leads to the picture of that clip', async () => {
    const json = await (await ask(`/${open}/storyboard.json?asset_start_time=8&format=png`)).json()
    const url = new URL(json.url)
    expect(await colourOf(await ask(url.pathname + url.search))).toBe('blue')
  })
})

describe('every image', () => {
  it('can be asked for conditionally, from any origin', async () => {
    const first = await ask(`/${open}/thumbnail.jpg?width=64`)
    expect(first.headers.get('access-control-allow-origin')).toBe('*')
    expect(first.headers.get('cache-control')).toContain('max-age')
    const etag = first.headers.get('etag')!
    const again = await ask(`/${open}/thumbnail.jpg?width=64`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    expect((await signed('thumbnail.jpg', { aud: 't' })).headers.get('cache-control')).toContain('no-store')
  })

  it('is made of what is there while a video grows, and then not kept', async () => {
    await db.pool.query(`alter table engine.renditions add column whole jsonb`)
    await db.pool.query(`update engine.renditions set whole = segments, status = 'growing',
      segments = jsonb_build_array(segments -> 0)`)
    node.delivery.forget('*')
    const answer = await ask(`/${open}/thumbnail.png`)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await colourOf(answer)).toBe('red')
    await db.pool.query(`update engine.renditions set segments = whole, status = 'ready'`)
    await db.pool.query(`alter table engine.renditions drop column whole`)
    node.delivery.forget('*')
    expect(await colourOf(await ask(`/${open}/thumbnail.png`))).toBe('green')
  })

  it('gives way when an asset has too many', async () => {
    const folder = `assets/${stack.assetId}/images/made/`
    for (let n = (await run.storage.list(folder)).length; n < 500; n += 1)
      await run.storage.put(`${folder}${n}.jpg`, Buffer.from('x'))
    expect((await ask(`/${open}/thumbnail.jpg?width=66`)).status).toBe(200)
    expect((await run.storage.list(folder)).length).toBe(1)
    expect((await ask(`/${open}/storyboard.jpg`)).status).toBe(200)
  })
})
