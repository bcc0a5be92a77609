import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planIngest, remuxedIsRung, shortSide } from '#engine/media/plan.ts'
import type { AudioInfo, MediaInfo, VideoInfo } from '#engine/media/read-probe.ts'

const video = (changes: Partial<VideoInfo> = {}): VideoInfo => {
  const size = { width: changes.displayWidth ?? 1920, height: changes.displayHeight ?? 1080 }
  return {
    index: 0,
    codec: 'h264',
    profile: 'High',
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    codedWidth: size.width,
    codedHeight: size.height,
    displayWidth: size.width,
    displayHeight: size.height,
    rotation: 0,
    squarePixels: true,
    frameRate: 25,
    variableFrameRate: false,
    interlaced: false,
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
    hdr: false,
    startSeconds: 0,
    hiddenStart: false,
    sparse: false,
    ...changes,
  }
}
const audio = (changes: Partial<AudioInfo> = {}): AudioInfo => ({
  index: 1,
  codec: 'aac',
  profile: 'LC',
  channels: 2,
  sampleRate: 48000,
  language: null,
  title: null,
  default: true,
  startSeconds: 0,
  hiddenStart: false,
  ...changes,
})
const media = (changes: Partial<MediaInfo> = {}): MediaInfo => ({
  container: 'mov,mp4,m4a,3gp,3g2,mj2',
  startSeconds: 0,
  durationSeconds: 60,
  bitRate: 5_000_000,
  video: video(),
  audio: audio(),
  audios: [audio()],
  subtitles: [],
  ...changes,
})
const sizes = (info: MediaInfo, maxHeight = 1080) =>
  planIngest(info, maxHeight).ladder.map((rung) => `${rung.name} ${rung.width}x${rung.height}`)

describe('the ladder', () => {
  it('halves the pixels from rung to rung', () => {
    expect(sizes(media())).toEqual(['1080p 1920x1080', '720p 1280x720', '480p 852x480', '270p 480x270'])
    expect(sizes(media({ video: video({ displayWidth: 960, displayHeight: 540 }) }))).toEqual([
      '540p 960x540',
      '360p 640x360',
    ])
  })

  it('measures a portrait picture by its short side', () => {
    expect(sizes(media({ video: video({ displayWidth: 1080, displayHeight: 1920, rotation: 90 }) }))[1]).toBe(
      '720p 720x1280',
    )
  })

  it('ends at the tallest wanted rung', () => {
    const info = media({ video: video({ displayWidth: 3840, displayHeight: 2160 }) })
    expect(sizes(info)[0]).toBe('1080p 1920x1080')
    expect(sizes(info, 2160).slice(0, 3)).toEqual(['2160p 3840x2160', '1440p 2560x1440', '1080p 1920x1080'])
  })

  it('never scales up, keeps the shape, and has even sizes, whatever the source', () => {
    const side = fc.integer({ min: 2, max: 8000 })
    fc.assert(
      fc.property(side, side, (displayWidth, displayHeight) => {
        const { ladder } = planIngest(media({ video: video({ displayWidth, displayHeight }) }), 1080)
        expect(ladder.length).toBeGreaterThan(0)
        expect(new Set(ladder.map((rung) => rung.name)).size).toBe(ladder.length)
        for (const { width, height } of ladder) {
          expect(width % 2 === 0 && height % 2 === 0 && width >= 2 && height >= 2).toBe(true)
          expect(width <= displayWidth && height <= displayHeight).toBe(true)
          expect(shortSide({ width, height })).toBeLessThanOrEqual(1080)
          // A pixel or two of rounding at each side.
          const scale = Math.max(width / displayWidth, height / displayHeight)
          expect(Math.abs(displayWidth * scale - width)).toBeLessThan(2 + 2 * (displayWidth / displayHeight))
        }
      }),
    )
  })

  it('makes a small rung first where nothing can be remuxed', () => {
    expect(planIngest(media({ video: video({ codec: 'hevc' }) }), 1080)).toMatchObject({
      first: 'encode',
      quick: { name: '480p' },
    })
  })

  it('caps pictures above 60 a second', () => {
    const { ladder } = planIngest(media({ video: video({ frameRate: 240 }) }), 1080)
    expect(ladder[0]).toMatchObject({ frameRateCap: 60 })
  })
})

describe('what is remuxed', () => {
  const first = (changes: Partial<VideoInfo>) => planIngest(media({ video: video(changes) }), 1080).first

  it('is plain H.264, whatever the sound', () => {
    expect(first({})).toBe('remux')
    expect(planIngest(media({ audio: audio({ codec: 'opus' }) }), 1080)).toMatchObject({
      first: 'remux',
      audio: { first: 'encode', interim: false },
    })
    expect(planIngest(media({ audio: null }), 1080)).toMatchObject({ first: 'remux', audio: null })
  })

  it.each([
    ['another codec', { codec: 'vp9' }],
    ['ten bits', { pixelFormat: 'yuv420p10le' }],
    ['4:2:2', { pixelFormat: 'yuv422p' }],
    ['fields', { interlaced: true }],
    ['a turned picture', { rotation: 90 }],
    ['oblong pixels', { squarePixels: false }],
    ['pictures hidden by an edit list', { hiddenStart: true }],
    ['pictures seconds apart', { sparse: true }],
    ['odd sizes', { codedWidth: 161 }],
  ])('is not %s', (_, changes) => {
    expect(first(changes)).toBe('encode')
  })

  it('bridges the wait with more than two channels, then makes stereo', () => {
    const { audio: plan } = planIngest(media({ audio: audio({ channels: 6 }) }), 1080)
    expect(plan).toEqual({ first: 'copy', interim: true })
  })

  it('leaves out sound that needs silence before it, or has a hidden start', () => {
    for (const changes of [{ startSeconds: 0.8 }, { hiddenStart: true }, { profile: 'Main' }]) {
      expect(planIngest(media({ audio: audio(changes) }), 1080).audio).toEqual({
        first: 'encode',
        interim: false,
      })
    }
  })

  it('is sound alone too', () => {
    expect(planIngest(media({ video: null }), 1080)).toMatchObject({
      first: 'remux',
      ladder: [],
      quick: null,
    })
  })
})

describe('a remuxed source as the top rung', () => {
  const [top] = planIngest(media(), 1080).ladder
  const remuxed = {
    width: 1920,
    height: 1080,
    frameRate: 25,
    averageBandwidth: 4_000_000,
    bandwidth: 7_000_000,
    segments: [{ duration: 4 }, { duration: 4.2 }],
  }

  it('stays when it switches and costs like one', () => {
    expect(remuxedIsRung(remuxed, top!, 1080)).toBe(true)
  })

  it.each([
    ['its keyframes are rare', { segments: [{ duration: 8.3 }] }],
    ['it costs too much on average', { averageBandwidth: 8_000_000 }],
    ['its peaks are too high', { bandwidth: 14_000_000 }],
    ['it is taller than wanted', { width: 3840, height: 2160 }],
  ])('goes when %s', (_, changes) => {
    expect(remuxedIsRung({ ...remuxed, ...changes }, top!, 1080)).toBe(false)
  })
})

it('encodes where sound begins well before the picture, as the picture has to be held', () => {
  const late = { video: video({ startSeconds: 1.5 }), audio: audio() }
  expect(planIngest(media(late), 1080).first).toBe('encode')
  expect(planIngest(media({ ...late, video: video({ startSeconds: 0.1 }) }), 1080).first).toBe('remux')
})
