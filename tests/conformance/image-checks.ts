import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Check, check, until } from './check.ts'
import { LADDER_SECONDS, ladderVideo, signedUnder, textOf, under } from './ladder-client.ts'
import { sharedKey } from './token-client.ts'
import { sharedVideo } from './video-client.ts'

const run = promisify(execFile)

type Picture = { codec: string; width: number; height: number; frames: number }

/** What ffprobe says of an image. */
async function probe(answer: Response): Promise<Picture> {
  assert.equal(answer.status, 200)
  const folder = await mkdtemp(join(tmpdir(), 'engine-image-'))
  try {
    const path = join(folder, 'image')
    await writeFile(path, Buffer.from(await answer.arrayBuffer()))
    const show = ['-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames']
    const args = ['-v', 'error', ...show, '-of', 'json', path]
    const { stdout } = await run(process.env.FFPROBE_PATH || 'ffprobe', args)
    const [stream] = JSON.parse(stdout).streams
    const { codec_name: codec, width, height, nb_read_frames: frames } = stream
    return { codec, width, height, frames: Number(frames) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// The source is 852 x 480.
const THUMBNAILS: [file: string, type: string, codec: string, width: number, height: number][] = [
  ['thumbnail.jpg', 'image/jpeg', 'mjpeg', 852, 480],
  ['thumbnail.png?width=426', 'image/png', 'png', 426, 240],
  ['thumbnail.webp?height=120', 'image/webp', 'webp', 212, 120],
  ['thumbnail.jpg?width=200&height=200&fit_mode=crop', 'image/jpeg', 'mjpeg', 200, 200],
  ['thumbnail.jpg?width=200&height=200&fit_mode=smartcrop', 'image/jpeg', 'mjpeg', 200, 200],
  ['thumbnail.jpg?width=200&height=200&fit_mode=pad', 'image/jpeg', 'mjpeg', 200, 200],
  ['thumbnail.jpg?width=200&height=100&fit_mode=stretch', 'image/jpeg', 'mjpeg', 200, 100],
  ['thumbnail.jpg?width=426&height=426&fit_mode=preserve', 'image/jpeg', 'mjpeg', 426, 240],
  ['thumbnail.jpg?rotate=90', 'image/jpeg', 'mjpeg', 480, 852],
  ['thumbnail.jpg?rotate=180&flip_v=true&flip_h=true', 'image/jpeg', 'mjpeg', 852, 480],
  ['thumbnail.jpg?time=13.9&width=426', 'image/jpeg', 'mjpeg', 426, 240],
  ['thumbnail.jpg?latest=true&width=426', 'image/jpeg', 'mjpeg', 426, 240],
]

const ANIMATED: [file: string, width: number, height: number, frames: number][] = [
  ['animated.gif', 320, 180, 75],
  ['animated.gif?start=2&end=4&width=160&fps=10', 160, 90, 20],
  ['animated.gif?start=1&end=1.5&height=120&fps=30', 212, 120, 15],
]

const MALFORMED = [
  ...['thumbnail.jpg?width=0', 'thumbnail.jpg?height=99999', 'thumbnail.jpg?time=x', 'thumbnail.jpg?time=-1'],
  ...['thumbnail.jpg?rotate=45', 'thumbnail.jpg?fit_mode=fill', 'animated.gif?start=1&end=11.1'],
  ...[
    'animated.gif?start=1&end=1.2',
    'animated.gif?width=641',
    'animated.gif?fps=31',
    'animated.gif?start=9999',
  ],
]

export const imageChecks: Check[] = [
  ...THUMBNAILS.map(([file, type, codec, width, height]) =>
    check(`an image is as asked for: ${file}`, async (target) => {
      const { publicId } = await ladderVideo(target)
      const answer = await under(target, `/${publicId}/${file}`)
      assert.equal(answer.headers.get('content-type'), type)
      const picture = await probe(answer)
      // A side that follows from the other may be a pixel off.
      assert.ok(
        Math.abs(picture.width - width) <= 2 && Math.abs(picture.height - height) <= 2,
        JSON.stringify(picture),
      )
      assert.deepEqual([picture.codec, picture.frames], [codec, 1])
    }),
  ),
  ...ANIMATED.map(([file, width, height, frames]) =>
    check(`an animated picture is as asked for: ${file}`, async (target) => {
      const { publicId } = await ladderVideo(target)
      const answer = await under(target, `/${publicId}/${file}`)
      assert.equal(answer.headers.get('content-type'), 'image/gif')
      const picture = await probe(answer)
      assert.ok(
        Math.abs(picture.width - width) <= 2 && Math.abs(picture.height - height) <= 2,
        JSON.stringify(picture),
      )
      assert.ok(Math.abs(picture.frames - frames) <= 1, `${picture.frames} pictures`)
    }),
  ),
  check('animated.webp moves', async (target) => {
    const { publicId } = await ladderVideo(target)
    const answer = await under(target, `/${publicId}/animated.webp?end=1&fps=5`)
    assert.equal(answer.headers.get('content-type'), 'image/webp')
    const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1')
    assert.equal(bytes.slice(0, 4) + bytes.slice(8, 12), 'RIFFWEBP')
    assert.equal(bytes.split('ANMF').length - 1, 5)
  }),
  ...MALFORMED.map((file) =>
    check(`an image is refused with 400: ${file}`, async (target) => {
      const { publicId } = await ladderVideo(target)
      const answer = await under(target, `/${publicId}/${file}`)
      assert.equal(answer.status, 400)
      assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    }),
  ),
  check('each kind of image has an audience of its own', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const files = { t: 'thumbnail.jpg', g: 'animated.gif', s: 'storyboard.vtt' }
    for (const [audience, file] of Object.entries(files)) {
      for (const aud of ['v', 't', 'g', 's', 'd']) {
        const { status } = await signedUnder(target, playbackId, `/${file}`, { aud })
        assert.equal(status, aud === audience ? 200 : 403, `${file} for ${aud}`)
      }
      assert.equal((await under(target, `/${playbackId}/${file}`)).status, 403)
    }
  }),
  check('the SDK’s token for an animated picture opens it', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const key = await sharedKey(target)
    const token = await target.mux.jwt.signPlaybackId(playbackId, {
      ...{ keyId: key.id, keySecret: key.privateKey, expiration: '5m', type: 'gif' },
      params: { width: '64', fps: '2' },
    })
    assert.equal((await probe(await under(target, `/${playbackId}/animated.gif?token=${token}`))).width, 64)
  }),
  check('parameters of a signed image are claims; those of the query are passed over', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const answer = await signedUnder(target, playbackId, '/thumbnail.jpg', {
      aud: 't',
      width: 100,
      time: '3',
    })
    assert.equal((await probe(answer)).width, 100)
  }),
  check('thumbnail_time is what a thumbnail shows unasked', async (target) => {
    const { assetId, publicId } = await ladderVideo(target)
    const bytes = async (query: string) =>
      Buffer.from(await (await under(target, `/${publicId}/thumbnail.png${query}`)).arrayBuffer())
    const middle = await bytes('')
    assert.ok(middle.equals(await bytes(`?time=${LADDER_SECONDS / 2}`)), 'the middle, at first')
    await target.mux.video.assets.update(assetId, { thumbnail_time: 2 })
    const chosen = await bytes('?time=2')
    await until('the choice to show', async () => (await bytes('')).equals(chosen))
    await target.mux.video.assets.deleteThumbnailTime(assetId)
  }),
  check('a storyboard is 50 tiles at most, five a row, and its cues cover the film', async (target) => {
    const { publicId } = await ladderVideo(target)
    const board = JSON.parse(await textOf(under(target, `/${publicId}/storyboard.json`)))
    const { tiles, tile_width: width, tile_height: height } = board
    assert.ok(tiles.length > 10 && tiles.length <= 50)
    const rows = Math.ceil(tiles.length / 5)
    for (const format of ['jpg', 'png', 'webp']) {
      const picture = await probe(await under(target, `/${publicId}/storyboard.${format}`))
      assert.deepEqual([picture.width, picture.height], [5 * width, rows * height], format)
    }
    const vtt = await textOf(under(target, `/${publicId}/storyboard.vtt`))
    const cues = [...vtt.matchAll(/^(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)]
    assert.equal(cues.length, tiles.length)
    assert.equal(cues[0]![1], '00:00:00.000')
    cues.slice(1).forEach((cue, index) => {
      assert.equal(cue[1], cues[index]![2], 'no gap')
    })
    assert.deepEqual(
      cues.map((cue) => Number(cue[4])),
      tiles.map(({ x }: { x: number }) => x),
    )
  }),
  check('the address of a signed storyboard’s picture carries a token that opens it', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const vtt = await textOf(signedUnder(target, playbackId, '/storyboard.vtt', { aud: 's' }))
    const url = /^(http\S+)#xywh=/m.exec(vtt)![1]!
    assert.equal((await target.fetch(url)).status, 200)
    const json = JSON.parse(await textOf(signedUnder(target, playbackId, '/storyboard.json', { aud: 's' })))
    assert.equal((await target.fetch(json.url)).status, 200)
  }),
  check('images of a clip show nothing else of the film', async (target) => {
    const { playbackId } = await ladderVideo(target)
    const clip = { asset_start_time: 8, asset_end_time: 12 }
    const at = (time: number) =>
      signedUnder(target, playbackId, '/thumbnail.jpg', { aud: 't', ...clip, time })
    assert.deepEqual([(await at(2)).status, (await at(9)).status, (await at(13)).status], [400, 200, 400])
    const outside = { aud: 'g', ...clip, start: 1, end: 2 }
    assert.equal((await signedUnder(target, playbackId, '/animated.gif', outside)).status, 400)
    const board = JSON.parse(
      await textOf(signedUnder(target, playbackId, '/storyboard.json', { aud: 's', ...clip })),
    )
    assert.equal(board.duration, 4)
    const picture = await probe(await target.fetch(board.url))
    assert.equal(picture.height, Math.ceil(board.tiles.length / 5) * board.tile_height)
  }),
  check('an image can be asked for conditionally and by HEAD, from any origin', async (target) => {
    const { publicId } = await ladderVideo(target)
    const path = `/${publicId}/thumbnail.jpg?width=64`
    const first = await under(target, path)
    assert.equal(first.headers.get('access-control-allow-origin'), '*')
    const etag = first.headers.get('etag')!
    assert.equal((await under(target, path, { headers: { 'if-none-match': etag } })).status, 304)
    const head = await under(target, path, { method: 'HEAD' })
    assert.equal(head.headers.get('content-length'), String((await first.arrayBuffer()).byteLength))
  }),
  check('images of unknown and deleted playback IDs are 404, odd kinds too', async (target) => {
    const { assetId, publicId } = await ladderVideo(target)
    for (const path of [
      `/${'Z'.repeat(44)}/thumbnail.jpg`,
      `/${publicId}/thumbnail.bmp`,
      `/${publicId}/animated.jpg`,
    ])
      assert.equal((await under(target, path)).status, 404, path)
    const made = await target.mux.video.assets.createPlaybackId(assetId, { policy: 'public' })
    assert.equal((await under(target, `/${made.id}/animated.gif?width=32&end=1`)).status, 200)
    await target.mux.video.assets.deletePlaybackId(assetId, made.id)
    assert.equal((await under(target, `/${made.id}/animated.gif?width=32&end=1`)).status, 404)
  }),
  check('many who ask for one image at once all get it', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        signedUnder(target, playbackId, '/thumbnail.png', { aud: 't', time: 1.23 }),
      ),
    )
    const bodies = await Promise.all(answers.map(async (answer) => Buffer.from(await answer.arrayBuffer())))
    assert.ok(answers.every(({ status }) => status === 200))
    assert.ok(bodies.every((body) => body.equals(bodies[0]!)))
  }),
]
