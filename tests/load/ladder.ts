import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ImagesResult, RenditionResult } from '../../engine/src/media/ingest-context.ts'
import { type Clip, makeClip } from '../support/clips.ts'
import { createIngestRun } from '../support/ingest-run.ts'
import { type BenchResult, percentiles } from './bench.ts'

const RUNS = 2
const BAR = 1.1
const SOURCES: Record<string, Clip> = {
  'H.264 1080p': { seconds: 60, width: 1920, height: 1080, videoBitrate: 5_000_000 },
  'HEVC 1080p 10 bit': {
    seconds: 60,
    width: 1920,
    height: 1080,
    video: 'hevc',
    pixelFormat: 'yuv420p10le',
    videoBitrate: 5_000_000,
  },
}

/**
 * From a source to its whole ladder, beside one ffmpeg command that makes the same renditions (sizes, rates,
 * presets, segments of 4 s as fMP4 HLS on disk) of the same source; alternating, both niced alike. The slower of
 * the two sources counts.
 */
export async function run(): Promise<BenchResult> {
  const results: { name: string; ours: number; floor: number; playable: number; rungs: string }[] = []
  const took: number[] = []
  for (const [name, clip] of Object.entries(SOURCES)) {
    const path = await makeClip(clip)
    const [ours, floors, playable]: [number[], number[], number[]] = [[], [], []]
    let rungs = ''
    for (let n = 0; n < RUNS; n += 1) {
      const made = await wholeLadder(path)
      ours.push(made.seconds)
      playable.push(made.playable)
      floors.push(await byHand(path, made.renditions))
      rungs = made.renditions.map((rendition) => rendition.name).join(' ')
    }
    took.push(...ours.map((seconds) => seconds * 1000))
    results.push({ name, ours: least(ours), floor: least(floors), playable: least(playable), rungs })
  }
  const worst = results.toSorted((a, b) => b.ours / b.floor - a.ours / a.floor)[0]!
  const ratio = worst.ours / worst.floor
  return {
    ours: worst.ours,
    floor: worst.floor,
    ratio,
    ...percentiles(took),
    unit: 's, least',
    bar: `at most ${BAR} × one ffmpeg command with the same outputs`,
    holds: ratio <= BAR,
    notes: Object.fromEntries(
      results.flatMap(({ name, ours, floor, playable, rungs }) => [
        [
          name,
          `${ours.toFixed(2)} s, by hand ${floor.toFixed(2)} s, ratio ${(ours / floor).toFixed(3)}: ${rungs}`,
        ],
        [`${name}, playable, s`, playable],
      ]),
    ),
  }
}

// The storyboard is made between the stages, and nothing by hand stands for it.
const NO_IMAGES = { storyboard: null } as unknown as ImagesResult

async function wholeLadder(path: string) {
  const run = await createIngestRun(path)
  try {
    const began = performance.now()
    let playable = 0
    const seconds = () => (performance.now() - began) / 1000
    await run.stage('first', {
      async onPlayable() {
        playable ||= seconds()
      },
    })
    await run.stage('rest', { images: NO_IMAGES })
    return { seconds: seconds(), playable, renditions: run.renditions }
  } finally {
    await run.remove()
  }
}

/** What somebody would type who wants these renditions, and nothing else. */
async function byHand(path: string, renditions: RenditionResult[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'ladder-by-hand-'))
  const videos = renditions.filter(({ kind }) => kind === 'video')
  const copies = path.endsWith('.mp4') && (await codecOf(path)) === 'h264' ? videos.slice(0, 1) : []
  const encoded = videos.filter((video) => !copies.includes(video))
  const hls = (name: string) => [
    ...['-f', 'hls', '-hls_time', '4', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-hls_fmp4_init_filename', `${name}.mp4`, join(folder, `${name}.m3u8`)],
  ]
  const scaled = encoded.map((video, index) => `[s${index}]scale=${video.width}:${video.height}[v${index}]`)
  const split = `[0:v]format=yuv420p,split=${encoded.length}${encoded.map((_, index) => `[s${index}]`).join('')}`
  const args = [
    ...['-n', '10', process.env.FFMPEG_PATH ?? 'ffmpeg', '-v', 'error', '-nostdin', '-i', path],
    ...(encoded.length > 0 ? ['-filter_complex', [split, ...scaled].join(';')] : []),
    ...encoded.flatMap((video, index) => [
      ...[
        '-map',
        `[v${index}]`,
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-profile:v',
        'high',
        '-crf',
        '22',
      ],
      ...['-maxrate', `${capOf(video)}`, '-bufsize', `${Math.round(capOf(video) * 1.5)}`],
      ...['-sc_threshold', '0', '-force_key_frames', 'expr:gte(t,n_forced*2)', ...hls(video.name)],
    ]),
    ...copies.flatMap((video) => ['-map', '0:v', '-c:v', 'copy', ...hls(video.name)]),
    ...['-map', '0:a', '-c:a', ...(copies.length > 0 ? ['copy'] : ['aac', '-b:a', '128k']), ...hls('audio')],
  ]
  try {
    const began = performance.now()
    await promisify(execFile)('nice', args)
    return (performance.now() - began) / 1000
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// The engine's own rule, written out: bits by pixels to the power of 0.75, 6 Mbit/s at 1080p.
const capOf = ({ width, height }: RenditionResult) =>
  Math.round(6_000_000 * ((width! * height!) / (1920 * 1080)) ** 0.75)

async function codecOf(path: string): Promise<string> {
  const show = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv=p=0',
  ]
  const { stdout } = await promisify(execFile)(process.env.FFPROBE_PATH ?? 'ffprobe', [...show, path])
  return stdout.trim()
}

/** Others may use the machine: the least of several runs tells most of the work itself. */
const least = (values: number[]) => Math.min(...values)
