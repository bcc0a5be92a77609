import { z } from 'zod'
import { DAMAGED, MediaError, NOT_MEDIA } from '#engine/media/media-error.ts'
import type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo } from '#engine/media/media-info.ts'

export type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo }

/** As far as ffprobe knows: files of live recorders carry no duration. */
type ProbedInfo = Omit<MediaInfo, 'durationSeconds'> & { durationSeconds: number | null }

const text = z.string().default('')
const number = z.coerce.number().catch(0).default(0)
const streamShape = z.object({
  index: z.number(),
  codec_type: text,
  codec_name: text,
  profile: text,
  pix_fmt: text,
  width: number,
  height: number,
  sample_aspect_ratio: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  field_order: text,
  color_primaries: text,
  color_transfer: text,
  color_space: text,
  color_range: text,
  start_time: number,
  duration: number,
  channels: number,
  sample_rate: number,
  bits_per_raw_sample: number,
  nb_frames: number,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(z.object({ rotation: z.number().optional(), dv_profile: z.number().optional() }).loose())
    .default([]),
})
const probeShape = z.object({
  format: z.object({ format_name: text, start_time: number, duration: number, bit_rate: number }),
  streams: z.array(streamShape).default([]),
  packets: z.array(z.object({ stream_index: z.number(), flags: text, pts_time: number }).loose()).default([]),
})
type Stream = z.infer<typeof streamShape>

// AAC encoders put one to three packets before the first audible sample.
const SETTLING_PACKETS = 3
const SPARSE_SECONDS = 1
const MOST_PIXELS = 8192 * 8192

/** What a player chooses unasked: the default, but no commentary; a picture that can be decoded before one that can't. */
function primary(list: Stream[]): Stream | null {
  const rank = ({ codec_name, pix_fmt, codec_type, disposition }: Stream) => {
    const readable = codec_name !== 'unknown' && (codec_type !== 'video' || pix_fmt !== 'unknown')
    const aside = disposition.comment === 1 || disposition.visual_impaired === 1
    return (readable ? 4 : 0) + (aside ? 0 : 2) + (disposition.default === 1 ? 1 : 0)
  }
  return list.toSorted((a, b) => rank(b) - rank(a))[0] ?? null
}

/** Reads ffprobe's JSON (`-show_format -show_streams -show_packets`). Throws MediaError if nothing can play. */
export function readProbe(json: unknown): ProbedInfo {
  const { format, streams, packets } = probeShape.parse(json)
  const cover = (stream: Stream) =>
    stream.disposition.attached_pic === 1 || stream.disposition.still_image === 1
  const videos = streams.filter((stream) => stream.codec_type === 'video' && !cover(stream))
  // A track that ffmpeg has no decoder for, such as spatial sound, is left out: most files have another.
  const sounds = streams.filter(({ codec_type, codec_name, channels }) => {
    return codec_type === 'audio' && channels > 0 && codec_name !== '' && codec_name !== 'unknown'
  })
  const [video, audio] = [primary(videos), primary(sounds)]
  if (!video && !audio) {
    const code = streams.length === 0 ? 'not_media' : 'no_tracks'
    throw new MediaError(code, code === 'not_media' ? NOT_MEDIA : 'This file has neither picture nor sound.')
  }
  const hidden = (stream: Stream | null) =>
    packets.filter((packet) => packet.stream_index === stream?.index && packet.flags.includes('D')).length
  const audios = sounds.map((stream) => readAudio(stream, hidden(stream) > SETTLING_PACKETS))
  return {
    container: format.format_name,
    startSeconds: format.start_time,
    durationSeconds: durationOf(format, streams, [video, audio]),
    bitRate: format.bit_rate,
    video: video && readVideo(video, hidden(video) > 0, widestGap(packets, video)),
    audio: audios.find(({ index }) => index === audio?.index) ?? null,
    audios,
    subtitles: streams.filter((stream) => stream.codec_type === 'subtitle').map(readSubtitle),
  }
}

type Format = z.infer<typeof probeShape>['format']

/** From the first picture or sound to the end of the last: a file's own length also counts subtitles. */
function durationOf(format: Format, streams: Stream[], chosen: (Stream | null)[]): number | null {
  const used = chosen.filter((stream) => stream !== null)
  // Matroska counts its length from zero, whenever it begins.
  const before = format.format_name.startsWith('matroska') ? Math.max(0, format.start_time) : 0
  const whole = format.duration > before ? format.duration - before : null
  if (streams.length === used.length) return whole
  const ends = used.map((stream) => {
    const end = clockTime(stream.tags.DURATION)
    return stream.duration ? stream.start_time + stream.duration : end > stream.start_time ? end : 0
  })
  if (ends.some((end) => end === 0)) return whole
  const span = Math.max(...ends) - Math.min(...used.map((stream) => stream.start_time))
  return whole === null ? span : Math.min(whole, span)
}

/** Matroska's own writing of when a stream ends: 00:01:02.500000000. */
function clockTime(text = ''): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number)
  return hours * 3600 + minutes * 60 + seconds || 0
}

function readVideo(stream: Stream, hiddenStart: boolean, gap: number): VideoInfo {
  refuseUnreadable(stream)
  const rotation = turn(stream)
  const [across, down] = saneAspect(stream)
  // Square pixels by growing the smaller side, so that no detail is lost.
  const width = stream.width * Math.max(1, across / down)
  const height = stream.height * Math.max(1, down / across)
  const [shownWidth, shownHeight] = rotation % 180 === 0 ? [width, height] : [height, width]
  const [nominal, average] = [rate(stream.r_frame_rate), rate(stream.avg_frame_rate)]
  return {
    index: stream.index,
    codec: stream.codec_name,
    profile: stream.profile,
    pixelFormat: stream.pix_fmt,
    bitDepth: depth(stream),
    codedWidth: stream.width,
    codedHeight: stream.height,
    displayWidth: Math.round(shownWidth),
    displayHeight: Math.round(shownHeight),
    rotation,
    squarePixels: across === down,
    frameRate: average || nominal || 25,
    variableFrameRate: average > 0 && nominal > 0 && Math.abs(nominal - average) / nominal > 0.001,
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order),
    colour: {
      primaries: known(stream.color_primaries),
      transfer: known(stream.color_transfer),
      matrix: known(stream.color_space),
      range: known(stream.color_range),
    },
    hdr: ['smpte2084', 'arib-std-b67'].includes(stream.color_transfer),
    startSeconds: stream.start_time,
    hiddenStart,
    sparse: gap > SPARSE_SECONDS || (average > 0 && average < 1 / SPARSE_SECONDS),
  }
}

/** Seconds between neighbouring pictures, at most, among the first packets. */
function widestGap(packets: { stream_index: number; pts_time: number }[], stream: Stream): number {
  const times = packets
    .filter((packet) => packet.stream_index === stream.index)
    .map((packet) => packet.pts_time)
  times.sort((a, b) => a - b)
  return Math.max(0, ...times.slice(1).map((time, index) => time - times[index]!))
}

function refuseUnreadable(stream: Stream): void {
  if (!stream.codec_name || stream.codec_name === 'unknown') {
    throw new MediaError('unsupported', 'The picture in this file is in a format that cannot be read.')
  }
  if (!stream.pix_fmt || stream.pix_fmt === 'unknown' || stream.width < 2 || stream.height < 2) {
    throw new MediaError('damaged', DAMAGED, `${stream.codec_name} without a readable picture`)
  }
  // Profile 5 has no base layer that other screens could show: its colours need Dolby's own mapping.
  if (stream.side_data_list.some((data) => data.dv_profile === 5)) {
    throw new MediaError(
      'unsupported',
      'This Dolby Vision file (profile 5) has no picture for other screens. Export it as HDR10 or SDR.',
    )
  }
  if (stream.width * stream.height > MOST_PIXELS) {
    throw new MediaError(
      'hostile',
      `A picture of ${stream.width} × ${stream.height} is larger than can be processed.`,
    )
  }
}

function readAudio(stream: Stream, hiddenStart: boolean): AudioInfo {
  return {
    index: stream.index,
    codec: stream.codec_name,
    profile: stream.profile,
    channels: stream.channels,
    sampleRate: stream.sample_rate,
    ...labels(stream),
    startSeconds: stream.start_time,
    hiddenStart,
  }
}

const TEXT_CODECS = new Set([
  'subrip',
  'srt',
  'ass',
  'ssa',
  'webvtt',
  'mov_text',
  'text',
  'ttml',
  'microdvd',
  'eia_608',
])

function readSubtitle(stream: Stream): SubtitleInfo {
  return {
    index: stream.index,
    codec: stream.codec_name,
    text: TEXT_CODECS.has(stream.codec_name),
    ...labels(stream),
    forced: stream.disposition.forced === 1,
  }
}

function labels({ tags, disposition }: Stream) {
  const language = tags.language?.toLowerCase() ?? 'und'
  return {
    language: ['und', 'mis', 'zxx', ''].includes(language) ? null : language,
    title: tags.title || null,
    default: disposition.default === 1,
  }
}

// ffprobe gives the display matrix's turn counter-clockwise; people and players count clockwise.
function turn(stream: Stream): number {
  const rotation = stream.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0
  return (((Math.round(-rotation / 90) * 90) % 360) + 360) % 360
}

// No display is so wide: such a shape of pixels is a slip of the file, and would cost without measure.
const WIDEST = 10
const LONGEST_SIDE = 16_384

function saneAspect(stream: Stream): [number, number] {
  const [across, down] = aspect(stream.sample_aspect_ratio)
  const widened = Math.max(stream.width * (across / down), stream.height * (down / across))
  const sane = across / down <= WIDEST && down / across <= WIDEST && widened <= LONGEST_SIDE
  return sane ? [across, down] : [1, 1]
}

function aspect(ratio: string): [number, number] {
  const [across = 0, down = 0] = ratio.split(':').map(Number)
  return across > 0 && down > 0 ? [across, down] : [1, 1]
}

function rate(fraction: string): number {
  const [top = 0, bottom = 1] = fraction.split('/').map(Number)
  return bottom > 0 ? top / bottom : 0
}

function depth(stream: Stream): number {
  const named = /(?:p|gray|gbrp|rgb|x2rgb|p0)(9|10|12|14|16)(?:le|be)?$/.exec(stream.pix_fmt)
  return named ? Number(named[1]) : stream.bits_per_raw_sample > 8 ? stream.bits_per_raw_sample : 8
}

const known = (value: string) => (value === 'unknown' || value === 'reserved' ? '' : value)
