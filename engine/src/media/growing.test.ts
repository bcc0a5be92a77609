import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import {
  type ClipFolder,
  createClipFolder,
  decode,
  pictures,
  tone,
} from '../../../tests/support/media-clips.ts'

let clips: ClipFolder
let path: string
const runs: IngestRun[] = []
beforeAll(async () => {
  clips = await createClipFolder()
  const inputs = [...pictures('320x180', 30), ...tone(30, 44100)]
  path = await clips.make('long.mkv', [...inputs, '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'])
}, 60_000)
afterAll(async () => {
  await Promise.all([clips.remove(), ...runs.map((run) => run.remove())])
})

async function begun(): Promise<IngestRun> {
  const run = await createIngestRun(path)
  runs.push(run)
  return run
}

/** A storage that takes a picture's segment `index` only when `until` says so: an encoder that is slow there. */
function slowAt(storage: StoragePort, folder: string, index: number, until: Promise<unknown>): StoragePort {
  return {
    ...storage,
    batch() {
      const batch = storage.batch()
      return {
        ...batch,
        async put(key, body) {
          if (key.includes(folder) && key.endsWith(`/${index}.m4s`)) await until
          await batch.put(key, body)
        },
      }
    },
  }
}

const objects = async (run: IngestRun, rendition: RenditionResult) =>
  Promise.all(
    ['init.mp4', ...rendition.segments.map((_, index) => `${index}.m4s`)].map((name) =>
      run.storage.readAll(`${rendition.folder}${name}`),
    ),
  )

const total = (rendition: RenditionResult) =>
  rendition.segments.reduce((sum, { duration }) => sum + duration, 0)

/** Runs the first stage until a part of it is published, then stops it there as a dying worker would. */
async function killedInTheMiddle(run: IngestRun): Promise<void> {
  const dying = new AbortController()
  const grown = new Promise<void>((resolve) => {
    dying.signal.addEventListener('abort', () => resolve())
  })
  const stage = run.stage('first', {
    storage: slowAt(run.storage, '180p', 4, grown),
    signal: dying.signal,
    async onPlayable() {
      run.events.push('playable')
      dying.abort(new Error('killed'))
    },
  })
  await expect(stage).rejects.toThrow('killed')
}

it('plays what is encoded so far, and all of it in the end', async () => {
  const run = await begun()
  const seen: RenditionResult[] = []
  let go: () => void = () => undefined
  const playable = new Promise<void>((resolve) => {
    go = resolve
  })
  await run.stage('first', {
    storage: slowAt(run.storage, '180p', 4, playable),
    async onRendition(rendition) {
      if (rendition.growing) {
        // Whatever is told of can be read, whole.
        const sizes = (await objects(run, rendition)).map((body) => body?.length)
        expect(sizes).toEqual([rendition.initBytes, ...rendition.segments.map(({ bytes }) => bytes)])
      }
      seen.push(rendition)
    },
    async onPlayable() {
      run.events.push('playable')
      go()
    },
  })
  const growing = seen.filter((rendition) => rendition.growing)
  expect(growing.slice(0, 2).map(({ name }) => name)).toEqual(['audio', '180p'])
  expect(total(growing[1]!)).toBeLessThan(20)
  expect(run.events[1]).toBe('playable')
  const [audio, video] = seen.slice(-2)
  expect([audio!.growing, video!.growing]).toEqual([false, false])
  expect(total(video!)).toBeCloseTo(30, 1)
  for (const early of growing) {
    const whole = early.name === 'audio' ? audio! : video!
    expect(whole.folder).toBe(early.folder)
    expect(whole.segments.slice(0, early.segments.length)).toEqual(early.segments)
    expect(whole.bandwidth).toBeLessThanOrEqual(early.bandwidth * 1.1)
  }
}, 60_000)

it('keeps every byte that was published before a worker was killed, and goes on behind it', async () => {
  const run = await begun()
  await killedInTheMiddle(run)
  const before = run.renditions.find(({ name }) => name === '180p')!
  expect(before.growing).toBe(true)
  const published = await objects(run, before)
  // Of another encoder these bytes would differ from what is made again, so they do here.
  published[1] = Buffer.concat([published[1]!, Buffer.from([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65])])
  await run.storage.put(`${before.folder}0.m4s`, published[1])
  before.segments[0]!.bytes += 8
  const told: RenditionResult[] = []
  await run.stage('rest', {
    finishedRenditions: run.renditions.map((rendition) => structuredClone(rendition)),
    async onRendition(rendition) {
      told.push(rendition)
      const at = run.renditions.findIndex(({ name }) => name === rendition.name)
      run.renditions[at] = rendition
    },
  })
  const whole = run.renditions.find(({ name }) => name === '180p')!
  expect(whole.growing).toBe(false)
  expect(whole.folder).not.toBe(before.folder)
  expect((await objects(run, whole)).slice(0, published.length)).toEqual(published)
  for (const rendition of told.filter(({ name }) => name === '180p'))
    expect(rendition.segments.slice(0, before.segments.length)).toEqual(before.segments)
  expect((await decode(await run.joined('180p'), 'v')).frames).toBe((await decode(path, 'v')).frames)
  expect(await run.storage.list(before.folder)).toEqual([])
  const [picture, sound] = [
    await decode(await run.joined('180p'), 'v'),
    await decode(await run.joined('audio'), 'a'),
  ]
  expect(Math.abs(picture.first - (sound.first + 1024 / 48000))).toBeLessThan(0.003)
  expect(run.events.slice(-2)).toEqual(['images', 'done'])
}, 60_000)

it('leaves what is published where storage fails later', async () => {
  const run = await begun()
  let fail: (error: Error) => void = () => undefined
  const failing = new Promise<void>((_, reject) => {
    fail = reject
  })
  failing.catch(() => undefined)
  const stage = run.stage('first', {
    storage: slowAt(run.storage, '180p', 4, failing),
    async onPlayable() {
      run.events.push('playable')
      fail(new Error('disk full'))
    },
  })
  await expect(stage).rejects.toThrow('disk full')
  for (const rendition of run.renditions)
    expect((await objects(run, rendition)).every((body) => body !== null)).toBe(true)
  await run.stage('rest')
  expect(run.renditions.map(({ name, growing }) => [name, growing])).toEqual([
    ['audio', false],
    ['180p', false],
  ])
}, 60_000)

it('widens to the whole ladder with one decode, behind what is published', async () => {
  const long = [...pictures('960x540', 48, 5), ...tone(48, 44100), '-c:v', 'mpeg4', '-q:v', '4']
  const run = await createIngestRun(await clips.make('wide.mkv', [...long, '-c:a', 'pcm_s16le']))
  runs.push(run)
  const seen: RenditionResult[] = []
  let go: () => void = () => undefined
  const enough = new Promise<void>((resolve) => {
    go = resolve
  })
  await run.stage('first', {
    storage: slowAt(run.storage, '360p-attempt00001', 6, enough),
    async onRendition(rendition) {
      seen.push(structuredClone(rendition))
      const at = run.renditions.findIndex(({ name }) => name === rendition.name)
      if (at < 0) run.renditions.push(rendition)
      else run.renditions[at] = rendition
      if (rendition.name === '360p' && rendition.segments.length >= 4) go()
    },
  })
  const quick = seen.filter(({ name }) => name === '360p')
  expect(quick[0]!.growing).toBe(true)
  expect(quick.at(-1)!.folder).toContain('360p-all-')
  for (const { segments } of quick) expect(quick.at(-1)!.segments.slice(0, segments.length)).toEqual(segments)
  // No rung but the quick one was told of before it was whole.
  expect(seen.filter(({ growing }) => growing).map(({ name }) => name)).not.toContain('540p')
  expect(run.renditions.map(({ name, growing }) => [name, growing]).toSorted()).toEqual([
    ['360p', false],
    ['540p', false],
    ['audio', false],
  ])
  expect((await run.storage.list('')).filter((key) => key.includes('/360p-attempt'))).toEqual([])
  const [small, tall] = [
    await decode(await run.joined('360p'), 'v'),
    await decode(await run.joined('540p'), 'v'),
  ]
  expect(small.frames).toBe(48 * 5)
  expect(small.keyframes).toEqual(tall.keyframes)
}, 180_000)
