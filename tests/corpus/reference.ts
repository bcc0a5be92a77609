import { probeJson } from './run-tool.ts'

export type SourceVideo = {
  index: number
  interlaced: boolean
  hdr: boolean
  wide: boolean
  transfer: string
  matrix: string
  height: number
  frameSeconds: number
}

/** The streams that a player would choose. */
export type SourceStreams = {
  /** When the file begins, seconds of its own clock. */
  start: number
  video: SourceVideo | null
  audio: { index: number; start: number } | null
}

type Stream = {
  index: number
  codec_type: string
  codec_name?: string
  field_order?: string
  color_transfer?: string
  color_space?: string
  color_primaries?: string
  height?: number
  width?: number
  avg_frame_rate?: string
  r_frame_rate?: string
  start_time?: string
  disposition?: Record<string, number>
}

/** Looks at a source without the engine's code. Null where ffprobe finds nothing in it. */
export async function sourceStreams(path: string): Promise<SourceStreams | null> {
  const json = await probeJson(path, ['-show_format', '-show_streams']).catch(() => null)
  const { format, streams = [] } = (json ?? {}) as { format?: { start_time?: string }; streams?: Stream[] }
  const choose = (type: string) => {
    const list = streams.filter(
      (stream) => stream.codec_type === type && stream.codec_name && !stream.disposition?.attached_pic,
    )
    return list.find((stream) => stream.disposition?.default === 1) ?? list[0]
  }
  const [video, audio] = [choose('video'), choose('audio')]
  if (!video && !audio) return null
  return {
    start: Number(format?.start_time ?? 0) || 0,
    video: video ? readVideo(video) : null,
    audio: audio ? { index: audio.index, start: Number(audio.start_time ?? 0) || 0 } : null,
  }
}

function readVideo(stream: Stream): SourceVideo {
  const rate = fraction(stream.avg_frame_rate) || fraction(stream.r_frame_rate) || 25
  const transfer = stream.color_transfer ?? ''
  return {
    index: stream.index,
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    hdr: ['smpte2084', 'arib-std-b67'].includes(transfer),
    wide: stream.color_primaries === 'bt2020' || (stream.color_space ?? '').startsWith('bt2020'),
    transfer,
    matrix: stream.color_space ?? '',
    height: Math.min(stream.height ?? 0, stream.width ?? 0),
    frameSeconds: 1 / rate,
  }
}

function fraction(text = ''): number {
  const [top = 0, bottom = 0] = text.split('/').map(Number)
  return bottom > 0 ? top / bottom : 0
}

/** Filters that show a source as it should look, at the size of a rendition: what ffmpeg's own autorotation leaves to do. */
export function referenceChain(
  video: SourceVideo,
  size: { width: number; height: number },
  capped: number | null,
): string[] {
  const scale = `${size.width}:${size.height}`
  const untagged = !video.matrix || video.matrix === 'unknown'
  const from = untagged ? `:in_color_matrix=${video.height >= 720 ? 'bt709' : 'bt601'}` : ''
  const colours =
    video.hdr || video.wide
      ? [
          `setparams=range=tv:colorspace=bt2020nc:color_primaries=bt2020:color_trc=${video.hdr ? video.transfer : 'bt2020-10'}`,
          // Linear light with 1 at HDR's reference white (ITU-R BT.2408), highlights up to 1,000 cd/m² rolled off.
          `zscale=w=${size.width}:h=${size.height}:t=linear:npl=203`,
          'format=gbrpf32le',
          'zscale=p=bt709',
          ...(video.hdr ? ['tonemap=mobius:param=0.5:peak=4.926:desat=0'] : []),
          'zscale=t=bt709:m=bt709:r=limited',
        ]
      : [`scale=${scale}:flags=bicubic${from}:out_color_matrix=bt709:out_range=tv`]
  return [
    ...(video.interlaced ? ['bwdif=send_frame'] : []),
    ...(capped ? [`fps=${capped}`] : []),
    ...colours,
    'format=yuv420p',
    'setsar=1',
  ]
}
