import { randomBytes } from 'node:crypto'
import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoragePort } from '#engine/storage/port.ts'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import {
  AAC,
  type ClipFolder,
  createClipFolder,
  decode,
  H264,
  packetTimes,
  pictures,
  tone,
} from '../../../tests/support/media-clips.ts'

let clips: ClipFolder
const runs: IngestRun[] = []
beforeAll(async () => {
  clips = await createClipFolder()
})
afterAll(async () => {
  await Promise.all([clips.remove(), ...runs.map((run) => run.remove())])
})

async function ingested(path: string): Promise<IngestRun> {
  const run = await begun(path)
  await run.stage('first')
  await run.stage('rest')
  return run
}
async function begun(path: string): Promise<IngestRun> {
  const run = await createIngestRun(path)
  runs.push(run)
  return run
}
/** A rung that takes its time is told of while it grows, and again when it is whole. */
const firstTold = (run: IngestRun) => [...new Set(run.events)]
const total = (rendition: { segments: { duration: number }[] }) =>
  rendition.segments.reduce((sum, segment) => sum + segment.duration, 0)

describe('H.264 with AAC', () => {
  let run: IngestRun
  let path: string
  beforeAll(async () => {
    const inputs = [...pictures('640x360', 9.4), ...tone(9.4)]
    path = await clips.make('plain.mp4', [...inputs, ...H264, '-maxrate', '800k', '-bufsize', '800k', ...AAC])
    run = await ingested(path)
  }, 60_000)

  it('plays by its own packets first, then the lower rungs follow', () => {
    expect(firstTold(run)).toEqual(['probed', 'audio', '360p', 'playable', 'images', 'done'])
  })

  it('keeps every picture and the duration', async () => {
    const [source, ours] = [await decode(path, 'v'), await decode(await run.joined('360p'), 'v')]
    expect(ours.frames).toBe(source.frames)
    expect(total(run.renditions[1]!)).toBeCloseTo(9.4, 1)
  })

  it('keeps sound and picture in step', async () => {
    const [picture, sound] = [
      await decode(await run.joined('360p'), 'v'),
      await decode(await run.joined('audio'), 'a'),
    ]
    // The first AAC frame is the encoder's run-in, 1,024 samples before zero.
    expect(Math.abs(picture.first - (sound.first + 1024 / 48000))).toBeLessThan(0.002)
  })

  it('begins to be decoded where it begins to be shown, reordered pictures or not', async () => {
    const ours = await packetTimes(await run.joined('360p'))
    expect(ours[0]!.dts).toBe(ours[0]!.pts)
    expect(ours.every(({ dts, pts }) => dts <= pts)).toBe(true)
    const [source, shown] = [await packetTimes(path), ours].map((list) =>
      list.map(({ pts }) => pts).sort((a, b) => a - b),
    )
    const sinceFirst = (times: number[]) => times.map((time) => Math.round((time - times[0]!) * 1e4))
    expect(sinceFirst(shown!)).toEqual(sinceFirst(source!))
  })

  it('names the codecs of the real bitstream and true rates', async () => {
    const [sound, picture] = run.renditions
    expect(sound).toMatchObject({ kind: 'audio', codecs: 'mp4a.40.2', channels: 1 })
    expect(picture).toMatchObject({
      codecs: expect.stringMatching(/^avc1\.4d40/),
      width: 640,
      height: 360,
      frameRate: 25,
    })
    for (const { duration, bytes } of picture!.segments) {
      expect((bytes * 8) / duration).toBeLessThanOrEqual(picture!.bandwidth)
    }
  })

  it('stores exactly what it tells', async () => {
    for (const rendition of run.renditions) {
      for (const [index, { bytes }] of rendition.segments.entries()) {
        expect((await run.storage.open(`${rendition.folder}${index}.m4s`))?.size).toBe(bytes)
      }
      expect((await run.storage.open(`${rendition.folder}init.mp4`))?.size).toBe(rendition.initBytes)
    }
    const files = run.renditions.reduce((sum, rendition) => sum + rendition.segments.length + 1, 0)
    expect(await run.storage.list('')).toHaveLength(files + 1)
  })

  it('tiles a storyboard', async () => {
    const board = run.images!.storyboard
    expect(board).toMatchObject({ tileWidth: 256, tileHeight: 144, columns: 5, count: 18 })
    const image = join(clips.folder, 'board.jpg')
    await writeFile(image, (await run.storage.readAll(board.key))!)
    expect((await decode(image, 'v')).stream).toMatchObject({ width: 5 * 256, height: 4 * 144 })
  })
})

describe('a source that must be encoded', () => {
  it('is turned upright, SDR, eight bits; rungs share their keyframes', async () => {
    const ten = [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p10le',
      '-x265-params',
      'log-level=0',
    ]
    const flat = await clips.make('flat.mp4', [...pictures('960x540', 5, 30), ...tone(5), ...ten, ...AAC])
    const path = await clips.make('turned.mp4', ['-i', flat, '-c', 'copy'])
    const turned = await turn(path)
    const run = await ingested(turned)
    expect(run.media!.video).toMatchObject({
      bitDepth: 10,
      rotation: 90,
      displayWidth: 540,
      displayHeight: 960,
    })
    expect(firstTold(run)).toEqual(['probed', 'audio', '360p', 'playable', 'images', '540p', 'done'])
    const [small, tall] = [
      await decode(await run.joined('360p'), 'v'),
      await decode(await run.joined('540p'), 'v'),
    ]
    expect(tall.stream).toMatchObject({ width: 540, height: 960, pix_fmt: 'yuv420p', color_space: 'bt709' })
    expect(tall.frames).toBe((await decode(turned, 'v')).frames)
    expect(small.keyframes).toEqual(tall.keyframes)
    expect(tall.keyframes.map((time) => Math.round((time - tall.first) * 100) / 100)).toEqual([0, 2, 4])
  }, 60_000)

  it('keeps the times of irregular frames', async () => {
    const uneven = "select='not(eq(mod(n,7),3))*not(eq(mod(n,11),5))'"
    const irregular = ['-vf', uneven, '-fps_mode', 'vfr', ...H264, '-pix_fmt', 'yuv444p']
    const args = [...pictures('320x180', 6, 30), ...irregular]
    const path = await clips.make('vfr.mp4', [...args, '-enc_time_base', '1:90000'])
    const run = await ingested(path)
    expect(run.media!.video!.variableFrameRate).toBe(true)
    const [source, ours] = [await decode(path, 'v'), await decode(await run.joined('180p'), 'v')]
    expect(ours.frames).toBe(source.frames)
    expect(Math.abs(ours.last - ours.first - (source.last - source.first))).toBeLessThan(0.002)
  }, 60_000)

  it.each([
    ['the sound', '0', '0.8'],
    ['the picture', '0.8', '0'],
  ])(
    'lets sound and picture begin together where %s begins later',
    async (_, pictureAt, soundAt) => {
      const inputs = [
        '-itsoffset',
        pictureAt,
        ...pictures('320x180', 3),
        '-itsoffset',
        soundAt,
        ...tone(3, 44100),
      ]
      const path = await clips.make(`late${soundAt}.mkv`, [...inputs, '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'])
      const run = await ingested(path)
      const [picture, sound] = [
        await decode(await run.joined('180p'), 'v'),
        await decode(await run.joined('audio'), 'a'),
      ]
      expect(Math.abs(picture.first - (sound.first + 1024 / 48000))).toBeLessThan(0.003)
    },
    30_000,
  )

  it('rounds odd sizes down to even ones', async () => {
    const path = await clips.make('odd.webm', [
      ...pictures('161x121', 1),
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
    ])
    const run = await ingested(path)
    expect(run.renditions.map(({ width, height }) => [width, height])).toEqual([[160, 120]])
  }, 60_000)
})

describe('one kind of track', () => {
  it('plays a picture without sound', async () => {
    const run = await ingested(await clips.make('silent.mp4', [...pictures('320x180', 3), ...H264]))
    expect(run.renditions.every((rendition) => rendition.kind === 'video')).toBe(true)
    expect(run.events.slice(-1)).toEqual(['done'])
  }, 30_000)

  it('plays sound without a picture, whatever its codec', async () => {
    const copied = await ingested(await clips.make('sound.m4a', [...tone(5), ...AAC]))
    expect(copied.events).toEqual(['probed', 'audio', 'playable', 'done'])
    const made = await ingested(await clips.make('sound.mp3', [...tone(5), '-c:a', 'libmp3lame']))
    expect(made.renditions).toMatchObject([{ name: 'audio', codecs: 'mp4a.40.2' }])
    expect(total(made.renditions[0]!)).toBeCloseTo(5, 0)
  }, 30_000)
})

describe('a file that cannot play', () => {
  const reasonOf = async (path: string) => {
    const run = await begun(path)
    const error = await run.stage('first').then(
      () => null,
      (thrown) => thrown,
    )
    // What players were told of while it grew stays theirs until the asset goes; a slow machine may have told of some.
    const isTold = (key: string) => run.renditions.some(({ folder }) => key.startsWith(folder))
    expect((await run.storage.list('')).filter((key) => !isTold(key))).toEqual([])
    return { code: error?.code, message: error?.message }
  }
  const write = async (name: string, content: string | Buffer) => {
    const path = join(clips.folder, name)
    await writeFile(path, content)
    return path
  }

  it('[ASVS-5.2.2] is empty, text, noise, a picture or a playlist', async () => {
    expect(await reasonOf(await write('zero.mp4', ''))).toEqual({
      code: 'not_media',
      message: 'This file is empty.',
    })
    const notVideo = { code: 'not_media', message: 'This file is not a video.' }
    expect(await reasonOf(await write('text.mp4', 'Dear diary, nothing moved today.\n'))).toEqual(notVideo)
    expect(await reasonOf(await write('noise.mp4', randomBytes(50_000)))).toEqual(notVideo)
    const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'
    expect(await reasonOf(await write('list.mp4', playlist))).toEqual(notVideo)
    const picture = await clips.make('still.png', [...pictures('64x64', 1), '-frames:v', '1'])
    expect(await reasonOf(picture)).toEqual(notVideo)
  }, 30_000)

  it('[ASVS-5.2.1] says more of itself than a video has to say: told at once, and not held in memory', async () => {
    const labels = [1, 2, 3, 4].map((n) => `label${n}=${'\u0001'.repeat(1_500_000)}`)
    const given = await write('labels.txt', `;FFMETADATA1\n${labels.join('\n')}\n`)
    const inputs = [...pictures('64x64', 1), '-i', given, '-map', '0', '-map_metadata', '1']
    expect(await reasonOf(await clips.make('labels.mkv', [...inputs, ...H264]))).toEqual({
      code: 'hostile',
      message: 'This file holds far more text than a video should.',
    })
  })

  it('ends in the middle, with its index before or after', async () => {
    const truncated = {
      code: 'truncated',
      message: 'This file ends in the middle. Export it again, then replace.',
    }
    for (const flags of [[], ['-movflags', '+faststart']]) {
      const path = await clips.make(`cut${flags.length}.mp4`, [...pictures('320x180', 4), ...H264, ...flags])
      await truncate(path, (await stat(path)).size / 2)
      expect(await reasonOf(path)).toEqual(truncated)
    }
    const mkv = await clips.make('cut.mkv', [...pictures('320x180', 20), ...H264])
    await truncate(mkv, (await stat(mkv)).size / 2)
    expect(await reasonOf(mkv)).toEqual(truncated)
  }, 30_000)

  it('has a damaged picture', async () => {
    const path = await clips.make('damaged.webm', [
      ...pictures('320x180', 2),
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
    ])
    const bytes = await readFile(path)
    const file = await open(path, 'r+')
    // Always the same rubbish: chance may make it look like something else.
    const rubbish = Buffer.alloc(bytes.length - 600).map((_, n) => (n * 73 + 41) % 251)
    await file.write(rubbish, 0, rubbish.length, 600)
    await file.close()
    expect((await reasonOf(path)).code).toMatch(/damaged|truncated/)
  }, 30_000)

  it('is longer than allowed', async () => {
    const run = await begun(await clips.make('long.mp4', [...pictures('64x64', 8), ...H264]))
    await expect(run.stage('first', { maxDurationSeconds: 5 })).rejects.toMatchObject({
      code: 'too_long',
      message: 'This video is 8 s long. The limit is 5 s.',
    })
  }, 30_000)
})

describe('an ingest that was interrupted', () => {
  it('goes on after the last finished rung and removes what was half-done', async () => {
    const path = await clips.make('again.mkv', [...pictures('960x540', 3), '-c:v', 'mpeg4', '-q:v', '4'])
    const run = await begun(path)
    await run.stage('first')
    await run.storage.put('assets/asset/540p-deadbeef0001/0.m4s', Buffer.from('half a rung'))
    const before = [...run.renditions]
    const told = [...run.events]
    expect(firstTold(run)).toEqual(['probed', '360p', 'playable'])
    await run.stage('first')
    expect(run.events.slice(told.length)).toEqual(['playable'])
    expect(run.renditions).toEqual(before)
    expect(await run.storage.list('assets/asset/540p-deadbeef0001/')).toEqual([])
    await run.stage('rest')
    await run.stage('rest')
    expect(run.renditions.map((rendition) => rendition.name)).toEqual(['360p', '540p'])
  }, 60_000)

  it('leaves nothing when it is aborted in the middle', async () => {
    const path = await clips.make('stop.mkv', [...pictures('1280x720', 8), '-c:v', 'mpeg4', '-q:v', '4'])
    const run = await begun(path)
    const stop = new AbortController()
    const storage = withBatch(run.storage, async (put) => {
      await put()
      stop.abort(new Error('asset deleted'))
    })
    await expect(run.stage('first', { signal: stop.signal, storage })).rejects.toThrow('asset deleted')
    expect(await run.storage.list('')).toEqual([])
  }, 60_000)

  it('passes on a storage that fails, and leaves nothing', async () => {
    const path = await clips.make('full.mp4', [...pictures('320x180', 9), ...tone(9), ...H264, ...AAC])
    const run = await begun(path)
    let puts = 0
    const storage = withBatch(run.storage, async (put) => {
      puts += 1
      if (puts === 3) throw new Error('disk full')
      await put()
    })
    await expect(run.stage('first', { storage })).rejects.toThrow('disk full')
    expect(await run.storage.list('')).toEqual([])
  }, 30_000)
})

/** A storage whose batches put by way of `around`. */
function withBatch(
  storage: StoragePort,
  around: (put: () => Promise<void>, key: string) => Promise<void>,
): StoragePort {
  return {
    ...storage,
    batch() {
      const batch = storage.batch()
      return { ...batch, put: (key, body) => around(() => batch.put(key, body), key) }
    },
  }
}

/** Writes a quarter turn into an MP4's display matrix, as phones do. */
async function turn(path: string): Promise<string> {
  const bytes = await readFile(path)
  const tkhd = bytes.indexOf('tkhd')
  const matrix = tkhd + 4 + 40
  const quarter = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]
  for (const [index, value] of quarter.entries()) bytes.writeInt32BE(value, matrix + index * 4)
  await writeFile(path, bytes)
  return path
}
