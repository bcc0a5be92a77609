import Hls from 'hls-parser'
import { describe, expect, it } from 'vitest'
import {
  type ListedRendition,
  type ListedText,
  type MasterOptions,
  masterPlaylist,
} from '#engine/delivery/playlists.ts'

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
  trackName: null,
  growing: false,
  iframeBandwidth: null,
  iframeAverageBandwidth: null,
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
const options: MasterOptions = {
  maxResolution: null,
  minResolution: null,
  descending: true,
  redundant: false,
  defaultTextLanguage: null,
  complete: true,
  folder: 's/',
}
const parse = (
  renditions: ListedRendition[],
  changes: Partial<MasterOptions> = {},
  texts: ListedText[] = [],
) => Hls.parse(masterPlaylist(renditions, texts, { ...options, ...changes })) as Hls.types.MasterPlaylist
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
      language: 'en',
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

describe('groups of sound', () => {
  const tracks = [
    audio('audio-1', { language: 'fra', bandwidth: 300_000, averageBandwidth: 90_000, codecs: 'mp4a.40.5' }),
    audio('audio', { language: 'eng', trackName: 'Default' }),
    audio('audio-2', { trackName: 'Say "when"\nnow' }),
    audio('audio-3', { trackName: 'Default', language: 'und' }),
  ]

  it('lists each track under a name of its own, the primary first', () => {
    const group = parse([...ladder, ...tracks]).variants[0]!.audio
    expect(group.map(({ name, language, isDefault, uri }) => [name, language, isDefault, uri])).toEqual([
      ['Default', 'en', true, 's/audio.m3u8'],
      ['French', 'fr', false, 's/audio-1.m3u8'],
      ['Say ’when’ now', undefined, false, 's/audio-2.m3u8'],
      ['Default 2', undefined, false, 's/audio-3.m3u8'],
    ])
  })

  it('reckons with the loudest and names every codec', () => {
    const [variant] = parse([...ladder, ...tracks]).variants
    expect(variant).toMatchObject({
      bandwidth: 1080 * 3000 + 300_000,
      averageBandwidth: 1080 * 1500 + 90_000,
      codecs: 'avc1.64001f,mp4a.40.2,mp4a.40.5',
    })
  })

  it('keeps the interim sound as the primary beside an added track', () => {
    const group = parse([...ladder, audio('source-audio'), audio('audio-1')]).variants[0]!.audio
    expect(group.map(({ uri, isDefault }) => [uri, isDefault])).toEqual([
      ['s/source-audio.m3u8', true],
      ['s/audio-1.m3u8', false],
    ])
  })
})

describe('groups of text', () => {
  const text = (id: string, language: string, changes = {}): ListedText => ({
    ...{ id, name: null, language, closedCaptions: false, forced: false },
    ...changes,
  })
  const texts = [text('a', 'en-AU'), text('b', 'de', { name: 'Deutsch', closedCaptions: true, forced: true })]
  const group = (changes = {}) => parse(ladder, changes, texts).variants[0]!.subtitles

  it('lists each track, none of them shown unasked', () => {
    expect(
      group().map((one) => [one.name, one.language, one.isDefault, one.forced, one.characteristics, one.uri]),
    ).toEqual([
      ['Australian English', 'en-AU', false, false, undefined, 's/text/a.m3u8'],
      ['Deutsch', 'de', false, true, expect.stringContaining('transcribes-spoken-dialog'), 's/text/b.m3u8'],
    ])
  })

  it.each([
    ['de', ['b']],
    ['en-au', ['a']],
    ['en', ['a']],
    ['fr', []],
  ])('shows the one asked for by default_subtitles_lang: %s', (defaultTextLanguage, shown) => {
    const chosen = group({ defaultTextLanguage }).filter(({ isDefault }) => isDefault)
    expect(chosen.map(({ uri }) => uri)).toEqual(shown.map((id) => `s/text/${id}.m3u8`))
  })
})

describe('what grows', () => {
  const growing = video('360p', 640, 360)
  growing.growing = true

  it('comes first, under a playlist of its own, and without keyframes alone', () => {
    growing.iframeBandwidth = 1
    expect(names([...ladder, growing], { descending: false })).toEqual([
      '360p/event',
      ...names(ladder, { descending: false }),
    ])
    expect(masterPlaylist([growing], [], options)).not.toContain('I-FRAME')
  })
})

it('keyframes alone are offered for what is listed and was measured', () => {
  const measured = ladder.map(
    (one): ListedRendition => ({ ...one, iframeBandwidth: 5000, iframeAverageBandwidth: 4000 }),
  )
  measured[0]!.iframeBandwidth = null
  const master = parse([...measured, audio('audio')], { maxResolution: 720 })
  const iframes = master.variants.filter(({ isIFrameOnly }) => isIFrameOnly)
  expect(
    iframes.map(({ uri, bandwidth, codecs, resolution }) => [uri, bandwidth, codecs, resolution?.height]),
  ).toEqual([720, 480, 270].map((height) => [`s/${height}p/iframes.m3u8`, 5000, 'avc1.64001f', height]))
})

it('redundant streams list each rendition again, under another path', () => {
  const uris = parse([...ladder, audio('audio')], { redundant: true }).variants.map(({ uri }) => uri)
  expect(uris).toEqual([
    ...ladder.map(({ name }) => `s/${name}.m3u8`),
    ...ladder.map(({ name }) => `s/redundant/${name}.m3u8`),
  ])
})
