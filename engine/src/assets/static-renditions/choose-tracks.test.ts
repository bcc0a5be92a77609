import { describe, expect, it } from 'vitest'
import { type Candidate, chooseTracks, legacyResolutions } from './choose-tracks.ts'

const video = (name: string, width: number, height: number): Candidate => ({
  name,
  kind: 'video',
  width,
  height,
})
const audio = (name: string): Candidate => ({ name, kind: 'audio', width: null, height: null })
const LADDER = [video('480p', 854, 480), video('1080p', 1920, 1080), video('270p', 480, 270), audio('audio')]
const FULL_HD = { width: 1920, height: 1080 }

const choose = (
  resolution: string,
  candidates = LADDER,
  source: typeof FULL_HD | null = FULL_HD,
  most = 1080,
) => chooseTracks(resolution, candidates, source, most)

describe('static renditions', () => {
  it('take a rung that has the size, with the sound', () => {
    expect(choose('highest')).toEqual({ kind: 'tracks', names: ['1080p', 'audio'] })
    expect(choose('1080p')).toEqual({ kind: 'tracks', names: ['1080p', 'audio'] })
    expect(choose('270p')).toEqual({ kind: 'tracks', names: ['270p', 'audio'] })
    expect(choose('audio-only')).toEqual({ kind: 'tracks', names: ['audio'] })
  })
  it('are encoded where the ladder has no such rung', () => {
    expect(choose('540p')).toEqual({ kind: 'encode', width: 960, height: 540 })
    expect(choose('540p', LADDER, { width: 1080, height: 1920 })).toMatchObject({ width: 540, height: 960 })
  })
  it('are skipped where they would be scaled up, or have nothing to show', () => {
    expect(choose('1440p').kind).toBe('skip')
    expect(choose('2160p', LADDER, { width: 3840, height: 2160 }, 1080).kind).toBe('skip')
    expect(choose('highest', [audio('audio')], null).kind).toBe('skip')
    expect(choose('audio-only', [video('480p', 854, 480)]).kind).toBe('skip')
  })
  it('measure wide and upright pictures by the frame that holds them', () => {
    const wide = [video('800p', 1920, 800), audio('source-audio')]
    expect(choose('1080p', wide, { width: 1920, height: 800 })).toEqual({
      kind: 'tracks',
      names: ['800p', 'source-audio'],
    })
    const upright = [video('1080p', 1080, 1920)]
    expect(choose('1080p', upright, { width: 1080, height: 1920 })).toEqual({
      kind: 'tracks',
      names: ['1080p'],
    })
  })
  it('leave out what only bridged the wait for the ladder', () => {
    expect(choose('highest', [video('source', 1920, 1080), video('720p', 1280, 720)])).toMatchObject({
      names: ['720p'],
    })
    expect(choose('highest', [video('source', 1920, 1080)])).toMatchObject({ names: ['source'] })
  })
})

it('an older mp4_support means files by what the source has', () => {
  expect(legacyResolutions('standard', FULL_HD, true)).toEqual(['mp4:low', 'mp4:medium', 'mp4:high'])
  expect(legacyResolutions('standard', { width: 1280, height: 720 }, true)).toEqual(['mp4:low', 'mp4:medium'])
  expect(legacyResolutions('capped-1080p', null, true)).toEqual(['mp4:audio-only'])
  expect(legacyResolutions('audio-only,capped-1080p', FULL_HD, false)).toEqual(['mp4:capped-1080p'])
  expect(legacyResolutions('audio-only', FULL_HD, true)).toEqual(['mp4:audio-only'])
  expect(choose('mp4:low')).toMatchObject({ names: ['480p', 'audio'] })
  expect(choose('mp4:capped-1080p')).toMatchObject({ names: ['1080p', 'audio'] })
})
