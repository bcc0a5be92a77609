import { DAMAGED, MediaError } from '#engine/media/media-error.ts'
import type { VideoInfo } from '#engine/media/media-info.ts'
import type { Packet, Stream } from '#engine/media/probe-shape.ts'

const SPARSE_SECONDS = 1
const MOST_PIXELS = 8192 * 8192

/** What one picture stream is, from ffprobe's description and the first packets. Throws MediaError if none can use it. */
export function readVideo(stream: Stream, all: Packet[]): VideoInfo {
  refuseUnreadable(stream)
  const packets = all.filter((packet) => packet.stream_index === stream.index)
  const gap = widestGap(packets)
  const begun = packets.length === 0 || packets[0]!.flags.includes('K')
  // A recording that began in the middle is shown from its first keyframe on.
  const start = begun ? undefined : packets.find((packet) => packet.flags.includes('K'))?.pts_time
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
    startSeconds: start ?? stream.start_time,
    hiddenStart: !begun || packets.some((packet) => packet.flags.includes('D')),
    sparse: gap > SPARSE_SECONDS || (average > 0 && average < 1 / SPARSE_SECONDS),
  }
}

/** Seconds between neighbouring pictures, at most, among the first packets. */
function widestGap(packets: Packet[]): number {
  const times = packets.map((packet) => packet.pts_time)
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
