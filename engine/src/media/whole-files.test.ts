import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import {
  AAC,
  type ClipFolder,
  createClipFolder,
  decode,
  H264,
  pictures,
  tone,
  toolPaths,
} from '../../../tests/support/media-clips.ts'
import { addAudio } from './add-audio.ts'
import { assembleMp4 } from './assemble-mp4.ts'
import { encodeMp4 } from './encode-mp4.ts'
import { probe } from './probe.ts'
import { rewrapMp4 } from './rewrap-mp4.ts'

const SECONDS = 5
const signal = new AbortController().signal
const deadlineMs = 120_000
let clips: ClipFolder
let run: IngestRun
let tools: { ffmpegPath: string; ffprobePath: string }
let clip: string
let workFolder: string

beforeAll(async () => {
  clips = await createClipFolder()
  tools = await toolPaths()
  // Reordered pictures, and sound that begins a little before them.
  clip = await clips.make('clip.mp4', [...pictures('320x180', SECONDS), ...tone(SECONDS), ...H264, ...AAC])
  run = await createIngestRun(clip)
  await run.stage('first')
  workFolder = await mkdtemp(join(tmpdir(), 'whole-'))
}, 60_000)
afterAll(async () => {
  await Promise.all([run?.remove(), clips?.remove(), rm(workFolder, { recursive: true, force: true })])
})

const probed = (path: string) => probe(path, { ...tools, signal, maxDurationSeconds: 3600 })

describe('an MP4 put together from renditions', () => {
  it('has every picture and sound at its time, from 0 on', async () => {
    const tracks = [...run.renditions].toSorted((a, b) => b.kind.localeCompare(a.kind))
    const { path } = await assembleMp4(
      { ...tools, storage: run.storage, workFolder, signal, deadlineMs },
      tracks,
    )
    const [video, audio] = [await decode(path, 'v'), await decode(path, 'a')]
    const [sourceVideo, sourceAudio] = [await decode(clip, 'v'), await decode(clip, 'a')]
    expect(video.frames).toBe(sourceVideo.frames)
    for (const [made, source] of [
      [video, sourceVideo],
      [audio, sourceAudio],
    ] as const) {
      expect(Math.abs(made.first - source.first)).toBeLessThan(0.03)
      expect(Math.abs(made.last - source.last)).toBeLessThan(0.03)
    }
  })
  it('is an M4A where it is sound alone', async () => {
    const tracks = run.renditions.filter(({ kind }) => kind === 'audio')
    const { path } = await assembleMp4(
      { ...tools, storage: run.storage, workFolder, signal, deadlineMs },
      tracks,
    )
    expect(path).toMatch(/\.m4a$/)
    expect((await probed(path)).video).toBeNull()
  })
})

it('an MP4 of another size keeps sound and picture in step', async () => {
  const info = await probed(clip)
  const place = { ...tools, workFolder, signal, deadlineMs, sourcePath: clip }
  const { path } = await encodeMp4(place, info, { width: 160, height: 90 })
  const [video, audio] = [await decode(path, 'v'), await decode(path, 'a')]
  expect(video.stream).toMatchObject({ width: 160, height: 90 })
  expect(video.frames).toBe(SECONDS * 25)
  expect(Math.abs(video.first - audio.first)).toBeLessThan(0.04)
})

describe('sound added beside a video', () => {
  it.each([
    ['shorter', 2, []],
    ['longer', 9, []],
    ['late, of one channel', 3, ['-af', 'adelay=500', '-ac', '1']],
  ])('that is %s fills the video’s length exactly', async (name, seconds, more) => {
    const sound = await clips.make(`${name}.m4a`.replaceAll(/[ ,]/g, ''), [...tone(seconds), ...more, ...AAC])
    const info = await probed(sound)
    const folder = `assets/asset/audio-${seconds}/`
    const place = { ...tools, sourcePath: sound, storage: run.storage, signal, deadlineMs }
    const made = await addAudio(place, info, {
      name: 'audio-x',
      folder,
      language: 'de',
      durationSeconds: SECONDS,
    })
    expect(Math.abs(made.duration - SECONDS)).toBeLessThan(0.03)
    expect(made).toMatchObject({ kind: 'audio', channels: 2, language: 'de' })
    run.renditions.push({ ...made, name: `audio-${seconds}` })
    // On the shared timeline, which begins at 10 s.
    expect(Math.abs((await decode(await run.joined(`audio-${seconds}`), 'a')).first - 10)).toBeLessThan(0.03)
  })
})

describe('a source wrapped anew as MP4', () => {
  const wrap = async (path: string) =>
    rewrapMp4({ ...tools, sourcePath: path, workFolder, signal, deadlineMs }, await probed(path))
  it('keeps packets as they are, all sound included', async () => {
    const film = await clips.make('film.mkv', [
      ...[...pictures('320x180', 2), ...tone(2), ...tone(2)],
      ...[
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        '-c:v',
        'libvpx-vp9',
        '-deadline',
        'realtime',
        '-cpu-used',
        '8',
      ],
      ...['-c:a', 'libopus'],
    ])
    const info = await probed((await wrap(film))!)
    expect(info.video?.codec).toBe('vp9')
    expect(info.audios.map(({ codec }) => codec)).toEqual(['opus', 'opus'])
  })
  it('keeps the samples of sound that MP4 cannot hold', async () => {
    const film = await clips.make('film.mov', [
      ...pictures('320x180', 2),
      ...tone(2),
      ...H264,
      '-c:a',
      'pcm_s16le',
    ])
    expect((await probed((await wrap(film))!)).audio?.codec).toBe('alac')
  })
  it('says where MP4 cannot hold the picture', async () => {
    const film = await clips.make('prores.mov', [...pictures('320x180', 1), '-c:v', 'prores_ks'])
    expect(await wrap(film)).toBeNull()
  })
})
