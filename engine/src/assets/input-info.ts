import type { MediaInfo } from '#engine/media/media-info.ts'
import { type AssetInput, inputsJson } from './asset-inputs.ts'
import type { FullAsset } from './asset-record.ts'

/** What GET …/input-info answers: each input as it was asked for, and what was found in its file. */
export function inputInfoJson(asset: Pick<FullAsset, 'settings' | 'media'>) {
  const [main = {}, ...others] = inputsJson(asset.settings.inputs ?? [{}])
  return [
    { settings: main, ...(asset.media ? { file: fileJson(asset.media) } : {}) },
    ...others.map((input) => ({ settings: input, ...textFile(input) })),
  ]
}

function fileJson(media: MediaInfo) {
  const { video, durationSeconds: duration } = media
  const picture = video && {
    type: 'video',
    duration,
    encoding: encodingOf(video.codec),
    width: video.codedWidth,
    height: video.codedHeight,
    frame_rate: Math.round(video.frameRate * 1000) / 1000,
  }
  const sounds = media.audios.map((audio) => ({
    type: 'audio',
    duration,
    encoding: encodingOf(audio.codec),
    channels: audio.channels,
    sample_rate: audio.sampleRate,
  }))
  const texts = media.subtitles.map((text) => ({ type: 'text', encoding: text.codec }))
  return {
    container_format: containerOf(media.container),
    tracks: [...(picture ? [picture] : []), ...sounds, ...texts],
  }
}

/** ffmpeg calls one family by all of its names; Mux by the best known. */
function containerOf(name: string): string {
  const names = name.split(',')
  return names.includes('mp4') ? 'mp4' : (names[0] ?? name)
}

const encodingOf = (codec: string) => (codec === 'h264' ? 'h.264' : codec)

function textFile({ url, type }: AssetInput) {
  const extension = /\.(srt|vtt)$/i.exec(URL.parse(url ?? '')?.pathname ?? '')?.[1]
  return type === 'text' && extension ? { file: { container_format: extension.toLowerCase() } } : {}
}

const MOST_SIDE = 2048
const MOST_BITS_A_SECOND = 16_000_000

/**
 * Why a source takes longer to be processed than others, in Mux's words
 * (https://www.mux.com/docs/guides/minimize-processing-time); null for a standard one.
 */
export function nonStandardReasons(media: MediaInfo): Record<string, string> | null {
  const { video, audios } = media
  const sound = audios.find(({ codec }) => codec !== 'aac')
  const reasons = { ...(video ? pictureReasons(video) : {}), ...(sound ? { audio_codec: sound.codec } : {}) }
  if (video && media.bitRate > MOST_BITS_A_SECOND) Object.assign(reasons, { video_bitrate: 'high' })
  return Object.keys(reasons).length > 0 ? reasons : null
}

function pictureReasons(video: NonNullable<MediaInfo['video']>): Record<string, string> {
  const { codec, codedWidth, codedHeight, frameRate, pixelFormat } = video
  const formats = ['yuv420p', 'yuvj420p', ...(codec === 'hevc' ? ['yuv420p10le'] : [])]
  return {
    ...(codec === 'h264' || codec === 'hevc' ? {} : { video_codec: codec }),
    ...(frameRate >= 5 && frameRate <= 120
      ? {}
      : { video_frame_rate: frameRate > 0 ? String(Math.round(frameRate * 1000) / 1000) : '-1' }),
    ...(Math.max(codedWidth, codedHeight) > MOST_SIDE
      ? { video_resolution: `${codedWidth}x${codedHeight}` }
      : {}),
    ...(video.squarePixels ? {} : { pixel_aspect_ratio: shapeOf(video) }),
    ...(formats.includes(pixelFormat) ? {} : { unsupported_pixel_format: pixelFormat }),
  }
}

/** Of one pixel, from the picture's sizes as coded and as shown; rounding leaves small errors. */
function shapeOf({
  codedWidth,
  codedHeight,
  displayWidth,
  displayHeight,
  rotation,
}: NonNullable<MediaInfo['video']>) {
  const [width, height] = rotation % 180 === 0 ? [displayWidth, displayHeight] : [displayHeight, displayWidth]
  return `${Math.round((100 * width * codedHeight) / (height * codedWidth)) / 100}:1`
}
