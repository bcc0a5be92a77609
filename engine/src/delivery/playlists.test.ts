import fc from 'fast-check'
import Hls from 'hls-parser'
import { describe, expect, it } from 'vitest'
import { type ListedRendition, masterPlaylist, mediaPlaylist } from '#engine/delivery/playlists.ts'

const video = (name: string, width: number, height: number, bandwidth = height * 3000): ListedRendition => ({
  name,
  kind: 'video',
  width,
  height,
  frameRate: 29.97,
  codecs: 'avc1.64001f',
  bandwidth,
  averageBandwidth: bandwidth / 2,
  channels: null,
  language: null,
})
const audio = (name: string, changes: Partial<ListedRendition> = {}): ListedRendition => ({
  ...video(name, 0, 0, 130_000),
  kind: 'audio',
  width: null,
  height: null,
  frameRate: null,
  codecs: 'mp4a.40.2',
  channels: 2,
  ...changes,
})
const ladder = [
  video('1080p', 1920, 1080),
  video('720p', 1280, 720),
  video('480p', 852, 480),
  video('270p', 480, 270),
]
const options = {
  maxResolution: null,
  minResolution: null,
  descending: true,
  complete: true,
  uri: (name: string) => `s/${name}.m3u8`,
}
const parse = (
  renditions: ListedRendition[],
  changes: Partial<typeof options> & Record<string, unknown> = {},
) => Hls.parse(masterPlaylist(renditions, { ...options, ...changes })) as Hls.types.MasterPlaylist
const names = (renditions: ListedRendition[], changes = {}) =>
  parse(renditions, changes).variants.map((variant) => variant.uri.slice(2, -5))

describe('a master playlist', () => {
  it('adds up picture and sound, and rounds nothing away', () => {
    const [variant] = parse([audio('audio', { language: 'eng' }), ...ladder]).variants
    expect(variant).toMatchObject({
      bandwidth: 1080 * 3000 + 130_000,
      averageBandwidth: 1080 * 1500 + 65_000,
      codecs: 'avc1.64001f,mp4a.40.2',
      resolution: { width: 1920, height: 1080 },
      frameRate: 29.97,
    })
    expect(variant!.audio[0]).toMatchObject({
      groupId: 'audio',
      language: 'eng',
      channels: '2',
      uri: 's/audio.m3u8',
    })
  })

  it('puts a middle one first unless asked otherwise', () => {
    expect(names(ladder, { descending: false })).toEqual(['480p', '1080p', '720p', '270p'])
    expect(names(ladder)).toEqual(['1080p', '720p', '480p', '270p'])
  })

  it('keeps within the resolutions asked for, but never to nothing', () => {
    expect(names(ladder, { maxResolution: 720 })).toEqual(['720p', '480p', '270p'])
    expect(names(ladder, { maxResolution: 720, minResolution: 480 })).toEqual(['720p', '480p'])
    expect(names([video('720p', 1280, 720)], { maxResolution: 270 })).toEqual(['720p'])
    expect(names(ladder, { minResolution: 2160 })).toEqual(['1080p'])
    expect(names([video('720p', 720, 1280)], { maxResolution: 720 })).toEqual(['720p'])
  })

  it('drops the source once the ladder is complete, not before', () => {
    const both = [
      video('source', 3840, 2160),
      audio('source-audio', { channels: 6 }),
      ...ladder,
      audio('audio'),
    ]
    expect(names(both, { complete: false })[0]).toBe('source')
    expect(names(both)).toEqual(['1080p', '720p', '480p', '270p'])
    expect(names([video('source', 3840, 2160)])).toEqual(['source'])
    expect(parse(both).variants[0]!.audio[0]!.uri).toBe('s/audio.m3u8')
    expect(parse(both.slice(0, 2)).variants[0]!.audio[0]!).toMatchObject({
      uri: 's/source-audio.m3u8',
      channels: '6',
    })
  })

  it('plays sound alone', () => {
    const { variants } = parse([audio('audio')])
    expect(variants).toMatchObject([{ uri: 's/audio.m3u8', codecs: 'mp4a.40.2', audio: [] }])
    expect(variants[0]!.resolution).toBeUndefined()
  })
})

it('a media playlist lists every segment under a target that holds', () => {
  const durations = fc.array(fc.double({ min: 0.04, max: 30, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(durations, (list) => {
      const playlist = Hls.parse(mediaPlaylist('720p', list)) as Hls.types.MediaPlaylist
      expect(playlist.segments.map((segment) => segment.uri)).toEqual(
        list.map((_, index) => `720p/${index}.m4s`),
      )
      expect(playlist.endlist && playlist.playlistType).toBe('VOD')
      expect(playlist.segments[0]!.map?.uri).toBe('720p/init.mp4')
      for (const duration of list) expect(Math.round(duration)).toBeLessThanOrEqual(playlist.targetDuration)
    }),
  )
})
