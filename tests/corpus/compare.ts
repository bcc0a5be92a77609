import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { referenceChain, type SourceStreams } from './reference.ts'
import { FFMPEG, LOCAL, probeJson, runTool, SOURCE } from './run-tool.ts'
import { COMPARED_RATE, soundShifts } from './sound-shift.ts'

/** What a source and its delivered renditions have in common, from decoded pictures and sound. */
export type Compared = {
  /** The presentation's length, delivered less source. */
  durationDriftMs: number
  /** Pictures delivered less pictures of the source, both within the source's own pictures; null without any. */
  frameDrift: number | null
  /** Sound later than picture, the worst place; null without either, or where the sound can't be recognised. */
  avOffsetMs: number | null
  /** Mean over pictures of the top rung against the source as it should look. */
  ssim: number | null
  constantRate: boolean
  frameSeconds: number
}

/** The delivered tracks' shared timeline begins here, seconds. */
const ORIGIN = 10
const PICTURES_COMPARED = 400

type Span = { start: number; end: number }
type Pictures = Span & { times: number[] }

export type Delivered = {
  video: string | null
  audio: string | null
  /** Length of the picture by its playlist. */
  seconds: number
  /** Pictures a second to which the top rung was reduced. */
  capped: number | null
}

/** Compares a source with delivered files of one track each. */
export async function compare(
  source: string,
  streams: SourceStreams,
  delivered: Delivered,
  folder: string,
): Promise<Compared> {
  const out = delivered.video ? await deliveredPictures(delivered.video, delivered.seconds) : null
  const shown =
    out && delivered.video
      ? await comparePictures(source, streams, delivered.video, out, delivered.capped, folder)
      : null
  const sound = await compareSound(source, streams, delivered.audio)
  const wanted = span([shown?.source, sound?.source])
  const got = span([out, sound?.delivered])
  const shift = shown ? shown.shift : 0
  const offsets = sound && shown ? sound.shifts.map((each) => (each - shift) * 1000) : []
  const worst = offsets.reduce<number | null>(
    (most, each) => (most === null || Math.abs(each) > Math.abs(most) ? each : most),
    null,
  )
  return {
    durationDriftMs: round((got.end - got.start - (wanted.end - wanted.start)) * 1000),
    frameDrift: shown?.drift ?? null,
    avOffsetMs: worst === null ? null : round(worst),
    ssim: shown?.ssim ?? null,
    constantRate: shown?.constant ?? true,
    frameSeconds: streams.video?.frameSeconds ?? 0,
  }
}

const round = (value: number) => Math.round(value * 10) / 10
const span = (list: (Span | null | undefined)[]): Span => {
  const present = list.filter((each) => each !== null && each !== undefined)
  return {
    start: Math.min(...present.map(({ start }) => start)),
    end: Math.max(...present.map(({ end }) => end)),
  }
}

/** Their end is what the playlist says: ffprobe does not always tell how long a last picture stands. */
async function deliveredPictures(file: string, seconds: number): Promise<Pictures> {
  const json = await probeJson(file, ['-select_streams', 'v:0', '-show_entries', 'packet=pts_time'])
  const { packets } = json as { packets: { pts_time: string }[] }
  const times = packets.map((packet) => Number(packet.pts_time) - ORIGIN).sort((a, b) => a - b)
  return { times, start: times[0]!, end: times[0]! + seconds }
}

async function comparePictures(
  source: string,
  streams: SourceStreams,
  file: string,
  out: Pictures,
  capped: number | null,
  folder: string,
) {
  const video = streams.video!
  const every = Math.max(1, Math.ceil(out.times.length / PICTURES_COMPARED))
  const found = await pictureTimes(source, streams, capped)
  const shift = shiftOf(found, out.times)
  const notes = join(folder, 'ssim.txt')
  const size = await sizeOf(file)
  const graph = [
    `[0:${video.index}]${[...referenceChain(video, size, capped), `select='not(mod(n\\,${every}))'`].join(',')}[source]`,
    `[1:v]setpts=PTS+${(out.start - shift - leeway(found)).toFixed(6)}/TB,format=yuv420p[delivered]`,
    `[source][delivered]ssim,metadata=print:key=lavfi.ssim.All:file=${notes}[compared]`,
  ].join(';')
  const inputs = [...SOURCE, '-i', source, ...LOCAL, '-i', file]
  const args = ['-v', 'error', '-nostdin', '-y', ...inputs, '-filter_complex', graph, '-map', '[compared]']
  await runTool(FFMPEG, [...args, '-fps_mode', 'passthrough', '-f', 'null', '-'], true)
  const scores = [...(await readFile(notes, 'utf8')).matchAll(/lavfi\.ssim\.All=([\d.]+)/g)].map(
    ([, score]) => Number(score),
  )
  const end = (found.at(-1) ?? 0) + video.frameSeconds
  const within = out.times.filter((time) => time - shift < end - video.frameSeconds / 2).length
  return {
    shift,
    drift: within - found.length,
    // Likeness is told by windows of eight pixels.
    ssim: Math.min(size.width, size.height) < 16 ? null : mean(scores),
    source: { start: found[0] ?? 0, end },
    constant: isConstant(found),
  }
}

const mean = (scores: number[]) =>
  Math.round((scores.reduce((sum, each) => sum + each, 0) / Math.max(1, scores.length)) * 1e4) / 1e4

/** When the source's pictures are shown, seconds from the file's beginning, by decoding them. */
async function pictureTimes(
  source: string,
  { video }: SourceStreams,
  capped: number | null,
): Promise<number[]> {
  const chain = [...(capped ? [`fps=${capped}`] : []), 'showinfo=checksum=0'].join(',')
  const args = ['-v', 'info', '-nostdin', ...SOURCE, '-i', source, '-map', `0:${video!.index}`, '-vf', chain]
  const { stderr } = await runTool(FFMPEG, [...args, '-fps_mode', 'passthrough', '-f', 'null', '-'], true)
  return [...stderr.matchAll(/showinfo.* n: *\d+ .*pts_time:([-\d.]+)/g)].map(([, time]) => Number(time))
}

/** Seconds that the delivered pictures are later: the middle one of all differences, so that a held first picture does not count. */
function shiftOf(source: number[], delivered: number[]): number {
  const count = Math.min(source.length, delivered.length)
  const apart = Array.from({ length: count }, (_, n) => delivered[n]! - source[n]!).sort((a, b) => a - b)
  return source.length === delivered.length
    ? (apart[count >> 1] ?? 0)
    : apart[0] !== undefined
      ? delivered[0]! - source[0]!
      : 0
}

/** Half of the smallest distance of two pictures: each is compared with the delivered one nearest to it in time. */
function leeway(times: number[]): number {
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  return Math.min(0.02, ...gaps.filter((gap) => gap > 0.001)) / 2
}

function isConstant(times: number[]): boolean {
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  return gaps.length === 0 || Math.max(...gaps) - Math.min(...gaps) < 0.0025
}

async function sizeOf(file: string): Promise<{ width: number; height: number }> {
  const json = await probeJson(file, ['-select_streams', 'v:0', '-show_entries', 'stream=width,height'])
  return (json as { streams: { width: number; height: number }[] }).streams[0]!
}

async function compareSound(source: string, { audio, start }: SourceStreams, file: string | null) {
  if (!audio || !file) return null
  const [from, to] = [
    await samples(source, SOURCE, `0:${audio.index}`, ''),
    await samples(file, ['-copyts', ...LOCAL], '0:a:0', `atrim=start=${ORIGIN},asetpts=PTS-${ORIGIN}/TB,`),
  ]
  const end = (sound: Int16Array) => sound.length / COMPARED_RATE
  return {
    shifts: soundShifts(from, to),
    source: { start: Math.max(0, audio.start - start), end: end(from) },
    delivered: { start: await firstSound(file), end: end(to) },
  }
}

/** The encoder's run-in before the origin is not heard. */
async function firstSound(file: string): Promise<number> {
  const json = await probeJson(file, ['-select_streams', 'a:0', '-show_entries', 'stream=start_time'])
  const { streams } = json as { streams: { start_time: string }[] }
  return Math.max(0, Number(streams[0]?.start_time ?? ORIGIN) - ORIGIN)
}

/** One channel of sound, laid on a timeline that begins at zero; gaps are silence. */
async function samples(file: string, before: string[], map: string, filters: string): Promise<Int16Array> {
  const resample = `${filters}aresample=${COMPARED_RATE}:async=1:first_pts=0`
  const args = ['-v', 'error', '-nostdin', ...before, '-i', file, '-map', map, '-af', resample]
  const { stdout } = await runTool(FFMPEG, [...args, '-ac', '1', '-f', 's16le', '-'], true)
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1)
}
