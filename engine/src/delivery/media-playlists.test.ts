import fc from 'fast-check'
import Hls from 'hls-parser'
import { describe, expect, it } from 'vitest'
import { type Clip, segmentsWithin } from '#engine/delivery/clip.ts'
import { eventPlaylist, iframePlaylist, textPlaylist, vodPlaylist } from '#engine/delivery/media-playlists.ts'

const parse = (text: string) => Hls.parse(text) as Hls.types.MediaPlaylist
const media = (durations: number[], clip: Clip | null = null, startOffset = 0) => {
  const segments = durations.map((duration) => ({ duration }))
  return { segments, window: segmentsWithin(segments, clip), startOffset }
}
const uris = (playlist: Hls.types.MediaPlaylist) => playlist.segments.map(({ uri }) => uri)

it('a media playlist lists every segment under a target that holds', () => {
  const durations = fc.array(fc.double({ min: 0.04, max: 30, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(durations, (list) => {
      const playlist = parse(vodPlaylist('720p', media(list)))
      expect(uris(playlist)).toEqual(list.map((_, index) => `720p/${index}.m4s`))
      expect(playlist.endlist && playlist.playlistType).toBe('VOD')
      expect(playlist.segments[0]!.map?.uri).toBe('720p/init.mp4')
      expect(playlist.start).toBeUndefined()
      for (const duration of list) expect(Math.round(duration)).toBeLessThanOrEqual(playlist.targetDuration)
    }),
  )
})

describe('a growing playlist', () => {
  it('begins at 0, only ever gains lines, keeps its target, and closes', () => {
    const lengths = [4, 4.04, 3.96, 4, 5.6]
    const answers = lengths.map((_, index) => eventPlaylist(media(lengths.slice(0, index + 1)), true))
    answers.push(eventPlaylist(media(lengths), false))
    answers.forEach((answer, index) => {
      const playlist = parse(answer)
      expect(playlist).toMatchObject({ targetDuration: 6, playlistType: 'EVENT', mediaSequenceBase: 0 })
      expect(playlist.start).toEqual({ offset: 0, precise: true })
      expect(playlist.endlist).toBe(index === lengths.length)
      if (index > 0) expect(answer.startsWith(answers[index - 1]!.trimEnd())).toBe(true)
    })
    expect(uris(parse(answers[1]!))).toEqual(['0.m4s', '1.m4s'])
  })
})

describe('a clip', () => {
  it('takes the segments that hold it, and begins where it begins', () => {
    const playlist = parse(vodPlaylist('audio', media([4, 4, 4, 4], [5.5, 8.01], 1.5)))
    expect(uris(playlist)).toEqual(['audio/1.m4s'])
    expect(playlist.start).toEqual({ offset: 1.5, precise: true })
  })

  it('never takes a segment that shows nothing of it, nor leaves out one that does', () => {
    const lengths = fc.array(fc.double({ min: 0.2, max: 8, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(
        lengths,
        fc.double({ min: 0, max: 40, noNaN: true }),
        fc.double({ min: 0.2, max: 40, noNaN: true }),
        (list, from, length) => {
          const { window } = media(list, [from, from + length])
          let start = 0
          list.forEach((duration, index) => {
            const overlap = Math.min(start + duration, from + length) - Math.max(start, from)
            if (index >= window.first && index <= window.last) expect(overlap).toBeGreaterThan(0)
            else expect(overlap).toBeLessThanOrEqual(0.051)
            start += duration
          })
        },
      ),
    )
  })
})

it('keyframes alone are byte ranges of the segments within', () => {
  const iframes = [0, 1, 2].flatMap((segment): [number, number, number, number][] => [
    [segment, 0, 900, 2],
    [segment, 5000, 800, 2.04],
  ])
  const playlist = parse(iframePlaylist(iframes, media([4, 4, 4], [4, 8]).window))
  expect(playlist).toMatchObject({ isIFrame: true, targetDuration: 2 })
  expect(playlist.segments.map(({ uri, byterange, duration }) => [uri, byterange, duration])).toEqual([
    ['1.m4s', { offset: 0, length: 900 }, 2],
    ['1.m4s', { offset: 5000, length: 800 }, 2.04],
  ])
  expect(playlist.segments[0]!.map?.uri).toBe('init.mp4')
})

it('text comes in pieces', () => {
  expect(uris(parse(textPlaylist('t1', [60, 12.5])))).toEqual(['t1/0.vtt', 't1/1.vtt'])
})
