import { expect, it } from 'vitest'
import type { MediaInfo } from '#engine/media/ingest-context.ts'
import { aspectRatio, mediaFacts } from './media-facts.ts'

const info = (width: number, height: number): MediaInfo =>
  ({
    durationSeconds: 12.5,
    video: { displayWidth: width, displayHeight: height, frameRate: 30_000 / 1001 },
  }) as MediaInfo

it.each([
  [1280, 720, '720p'],
  [640, 360, '720p'],
  [1920, 1080, '1080p'],
  [1080, 1920, '1080p'],
  [2560, 1440, '1440p'],
  [3840, 2160, '2160p'],
])('a picture of %i × %i is of tier %s', (width, height, tier) => {
  expect(mediaFacts(info(width, height), '2160p').resolutionTier).toBe(tier)
})

it('no tier is above the one asked for', () => {
  expect(mediaFacts(info(3840, 2160), '1080p').resolutionTier).toBe('1080p')
  expect(mediaFacts(info(640, 360), '1080p').resolutionTier).toBe('720p')
})

it('sound alone has neither size nor ratio', () => {
  const facts = mediaFacts({ durationSeconds: 3, video: null } as MediaInfo, '1080p')
  expect(facts).toEqual({
    durationSeconds: 3,
    aspectRatio: null,
    width: null,
    height: null,
    frameRate: null,
    resolutionTier: 'audio-only',
  })
})

it('gives ratios in lowest terms and frame rates to a thousandth', () => {
  expect(aspectRatio(1920, 1080)).toBe('16:9')
  expect(aspectRatio(1080, 1920)).toBe('9:16')
  expect(aspectRatio(853, 480)).toBe('853:480')
  expect(mediaFacts(info(1920, 1080), '1080p').frameRate).toBe(29.97)
})
