import { MediaError, NOT_MEDIA } from '#engine/media/media-error.ts'
import type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo } from '#engine/media/media-info.ts'

import { type Format, probeShape, type Stream } from '#engine/media/probe-shape.ts'
import { readVideo } from '#engine/media/read-video.ts'

export type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo }

/** As far as ffprobe knows: files of live recorders carry no duration. */
type ProbedInfo = Omit<MediaInfo, 'durationSeconds'> & { durationSeconds: number | null }

// AAC encoders put one to three packets before the first audible sample.
const SETTLING_PACKETS = 3

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
    video: video && readVideo(video, packets),
    audio: audios.find(({ index }) => index === audio?.index) ?? null,
    audios,
    subtitles: streams.filter((stream) => stream.codec_type === 'subtitle').map(readSubtitle),
  }
}

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
