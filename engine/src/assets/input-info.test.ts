import { expect, it } from 'vitest'
import type { AudioInfo, MediaInfo, VideoInfo } from '#engine/media/media-info.ts'
import { inputInfoJson, nonStandardReasons } from './input-info.ts'

const video = {
  codec: 'h264',
  pixelFormat: 'yuv420p',
  codedWidth: 1920,
  codedHeight: 1080,
  displayWidth: 1920,
  displayHeight: 1080,
  rotation: 0,
  squarePixels: true,
  frameRate: 29.970_029_97,
} as VideoInfo
const audio = { codec: 'aac', channels: 2, sampleRate: 48_000 } as AudioInfo

const media = (picture: Partial<VideoInfo> = {}, more: Partial<MediaInfo> = {}): MediaInfo => ({
  container: 'mov,mp4,m4a,3gp,3g2,mj2',
  startSeconds: 0,
  durationSeconds: 10,
  bitRate: 5_000_000,
  video: { ...video, ...picture },
  audio,
  audios: [audio],
  subtitles: [],
  ...more,
})

it('tells of each input what was asked for and what was found', () => {
  const settings = {
    inputs: [
      { url: `https://${'me:secret'}@example.com/a.mp4` },
      { url: 'https://example.com/en.SRT?x', type: 'text', language_code: 'en' },
    ],
  } as never
  expect(inputInfoJson({ settings, media: media() })).toEqual([
    {
      settings: { url: 'https://example.com/a.mp4' },
      file: {
        container_format: 'mp4',
        tracks: [
          { type: 'video', duration: 10, encoding: 'h.264', width: 1920, height: 1080, frame_rate: 29.97 },
          { type: 'audio', duration: 10, encoding: 'aac', channels: 2, sample_rate: 48_000 },
        ],
      },
    },
    {
      settings: { url: 'https://example.com/en.SRT?x', type: 'text', language_code: 'en' },
      file: { container_format: 'srt' },
    },
  ])
  expect(inputInfoJson({ settings: {} as never, media: null })).toEqual([{ settings: {} }])
})

it('finds nothing unusual in a standard source', () => {
  expect(nonStandardReasons(media())).toBeNull()
  expect(nonStandardReasons(media({ codec: 'hevc', pixelFormat: 'yuv420p10le' }))).toBeNull()
  expect(nonStandardReasons(media({}, { video: null, audios: [audio] }))).toBeNull()
})

it.each([
  [media({ codec: 'av1' }), { video_codec: 'av1' }],
  [media({ frameRate: 4 }), { video_frame_rate: '4' }],
  [media({ frameRate: 0 }), { video_frame_rate: '-1' }],
  [media({ codedWidth: 3840, codedHeight: 2160 }), { video_resolution: '3840x2160' }],
  [media({ pixelFormat: 'yuv422p10le' }), { unsupported_pixel_format: 'yuv422p10le' }],
  [media({ squarePixels: false, codedWidth: 1440 }), { pixel_aspect_ratio: '1.33:1' }],
  [media({}, { bitRate: 20_000_000 }), { video_bitrate: 'high' }],
  [media({}, { audios: [{ ...audio, codec: 'ac3' }] }), { audio_codec: 'ac3' }],
])('names what is unusual: %#', (source, reasons) => {
  expect(nonStandardReasons(source)).toEqual(reasons)
})
