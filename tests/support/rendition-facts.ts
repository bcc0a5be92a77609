import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type HLS from 'hls-parser'
import { readSamples, readTrackHeader } from '../../engine/src/media/mp4-boxes.ts'

export type MediaRendition = { name: string; url: string; playlist: HLS.types.MediaPlaylist }

/** What the bytes of a rendition say, beside what its playlist says. */
export type RenditionFacts = {
  name: string
  codecs: string
  width: number
  height: number
  /** Seconds of each segment as listed and as its samples have it. */
  segments: { listed: number; held: number }[]
  /** Seconds on the media's clock. */
  keyframes: number[]
  endSeconds: number
  /** Bits a second: of any run of segments of 0.5 to 1.5 target durations, and of all. */
  peak: number
  mean: number
  /** All of it was fetched. */
  whole: boolean
  faults: string[]
}

const MOST_BYTES = 64 * 1024 * 1024
const TRIED_IFRAMES = 4
const run = promisify(execFile)

/** Fetches a rendition as a player would and reads its samples. */
export async function measureRendition({ name, url, playlist }: MediaRendition): Promise<RenditionFacts> {
  const faults: string[] = []
  const init = await fetchPart(new URL(playlist.segments[0]!.map!.uri!, url).href)
  const header = readTrackHeader(init)
  const sizes: { seconds: number; bytes: number }[] = []
  const starts: { listed: number; start: number; end: number }[] = []
  const keyframes: number[] = []
  let fetched = 0
  for (const segment of playlist.segments) {
    if (fetched > MOST_BYTES) break
    const bytes = await fetchPart(new URL(segment.uri, url).href, segment.byterange)
    fetched += bytes.length
    sizes.push({ seconds: segment.duration, bytes: bytes.length })
    const tick = 1 / header.timescale
    const samples = moofsOf(bytes).flatMap((moof) => readSamples(moof))
    if (samples.length === 0) {
      faults.push(`${segment.uri} does not begin with a fragment`)
      continue
    }
    for (const { shown, flags } of samples) if (!(flags & 0x10000)) keyframes.push(shown * tick)
    const shown = samples.map((sample) => sample.shown)
    // Durations are steps of decoding: only the picture shown last ends where its own does.
    const last = samples.reduce((latest, sample) => (sample.shown > latest.shown ? sample : latest))
    const end = last.shown + last.duration
    starts.push({ listed: segment.duration, start: Math.min(...shown) * tick, end: end * tick })
    if (playlist.isIFrame && sizes.length <= TRIED_IFRAMES)
      faults.push(...(await iframeFaults(segment.uri, Buffer.concat([init, bytes]))))
  }
  return {
    name,
    ...header,
    // A segment lasts until the next one begins, gaps included.
    segments: starts.map(({ listed, start, end }, index) => ({
      listed,
      held: (starts[index + 1]?.start ?? (playlist.isIFrame ? start + listed : end)) - start,
    })),
    keyframes: header.width > 0 ? keyframes : [],
    endSeconds: starts.at(-1)?.end ?? 0,
    peak: peakOf(sizes, playlist.targetDuration),
    mean: rateOf(sizes),
    whole: sizes.length === playlist.segments.length,
    faults,
  }
}

async function fetchPart(url: string, range?: { offset: number; length: number }): Promise<Buffer> {
  const headers = range ? { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : undefined
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== (range ? 206 : 200)) throw new Error(`${url} answered ${answer.status}`)
  return bytes
}

function moofsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8) break
    if (bytes.toString('latin1', at + 4, at + 8) === 'moof') found.push(bytes.subarray(at, at + size))
    at += size
  }
  return found
}

const rateOf = (run: { seconds: number; bytes: number }[]) =>
  (8 * run.reduce((sum, { bytes }) => sum + bytes, 0)) / run.reduce((sum, { seconds }) => sum + seconds, 0)

/** RFC 8216bis, 4.4.6.2: the largest rate of contiguous segments of 0.5 to 1.5 target durations. */
function peakOf(sizes: { seconds: number; bytes: number }[], target: number): number {
  let peak = rateOf(sizes)
  for (let from = 0; from < sizes.length; from += 1) {
    for (let to = from + 1; to <= sizes.length; to += 1) {
      const run = sizes.slice(from, to)
      const seconds = run.reduce((sum, segment) => sum + segment.seconds, 0)
      if (seconds > 1.5 * target) break
      if (seconds >= 0.5 * target) peak = Math.max(peak, rateOf(run))
    }
  }
  return peak
}

/** A range of an I-frame playlist decodes to one picture, and it is a keyframe. */
async function iframeFaults(uri: string, bytes: Buffer): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'iframe-'))
  try {
    const path = join(folder, 'picture.mp4')
    await writeFile(path, bytes)
    const args = ['-v', 'quiet', '-show_entries', 'frame=pict_type', '-of', 'csv=p=0', path]
    const { stdout } = await run(process.env.FFPROBE_PATH || 'ffprobe', args)
    const types = stdout.match(/[A-Z]/g) ?? []
    return types.join('') === 'I' ? [] : [`a range of ${uri} decodes to [${types}], not to one keyframe`]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
