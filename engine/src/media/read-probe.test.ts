import { describe, expect, it } from 'vitest'
import { readProbe } from '#engine/media/read-probe.ts'

const video = (changes = {}) => ({
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  pix_fmt: 'yuv420p',
  width: 1920,
  height: 1080,
  avg_frame_rate: '25/1',
  r_frame_rate: '25/1',
  start_time: '0',
  ...changes,
})
const sound = (index: number, changes = {}) => ({
  index,
  codec_type: 'audio',
  codec_name: 'aac',
  channels: 2,
  sample_rate: '48000',
  start_time: '0',
  ...changes,
})
const words = {
  index: 9,
  codec_type: 'subtitle',
  codec_name: 'subrip',
  tags: { language: 'ENG', title: 'Signs' },
  disposition: { forced: 1 },
}
const read = (streams: object[], format = {}, packets: object[] = []) =>
  readProbe({ format: { format_name: 'matroska,webm', duration: '10', ...format }, streams, packets })

describe('tracks', () => {
  it('takes the default sound, but no commentary and nothing that cannot be decoded', () => {
    const primary = (...tracks: object[]) => read([video(), ...tracks]).audio?.index
    expect(primary(sound(1), sound(2, { disposition: { default: 1 } }))).toBe(2)
    expect(primary(sound(1, { disposition: { default: 1, comment: 1 } }), sound(2))).toBe(2)
    expect(primary(sound(1, { codec_name: 'unknown' }), sound(2))).toBe(2)
    expect(primary(sound(1), sound(2))).toBe(1)
  })

  it('tells of every sound and of subtitles', () => {
    const info = read([video(), sound(1), sound(2, { tags: { language: 'deu' } }), words])
    expect(info.audios.map(({ index, language }) => [index, language])).toEqual([
      [1, null],
      [2, 'deu'],
    ])
    expect(info.subtitles).toEqual([
      {
        index: 9,
        codec: 'subrip',
        text: true,
        language: 'eng',
        title: 'Signs',
        forced: true,
        default: false,
      },
    ])
  })
})

describe('length', () => {
  const ends = (end: string) => ({ tags: { DURATION: end } })
  it('is that of picture and sound, whatever subtitles follow', () => {
    const streams = [
      video(ends('00:00:04.0')),
      sound(1, ends('00:00:04.5')),
      { ...words, tags: { DURATION: '00:01:00' } },
    ]
    expect(read(streams, { duration: '60' }).durationSeconds).toBe(4.5)
  })

  it('does not count the time before a Matroska file begins', () => {
    expect(read([video({ start_time: '90' })], { start_time: '90', duration: '95' }).durationSeconds).toBe(5)
  })

  it('is unknown where nothing tells it', () => {
    expect(read([video()], { duration: 'N/A' }).durationSeconds).toBeNull()
  })
})

describe('a picture', () => {
  it('has square pixels where its own would be of impossible shape', () => {
    expect(read([video({ sample_aspect_ratio: '1000:1' })]).video).toMatchObject({
      displayWidth: 1920,
      squarePixels: true,
    })
    expect(read([video({ sample_aspect_ratio: '4:3' })]).video).toMatchObject({
      displayWidth: 2560,
      squarePixels: false,
    })
  })

  it('begins with its first keyframe', () => {
    const packets = [
      { stream_index: 0, flags: '__', pts_time: '1.0' },
      { stream_index: 0, flags: 'K_', pts_time: '1.56' },
    ]
    const begun = read([video({ start_time: '1.0' })], {}, packets).video
    expect(begun).toMatchObject({ startSeconds: 1.56, hiddenStart: true })
    expect(read([video({ start_time: '1.0' })], {}, packets.slice(1)).video).toMatchObject({
      startSeconds: 1,
      hiddenStart: false,
    })
  })

  it('of Dolby Vision without a base layer is refused with a reason', () => {
    const profile = (dv_profile: number) =>
      read([video({ codec_name: 'hevc', side_data_list: [{ dv_profile }] })])
    expect(() => profile(5)).toThrow(/Dolby Vision/)
    expect(profile(8).video?.codec).toBe('hevc')
  })

  it('[ASVS-5.2.6] beyond measure is refused', () => {
    expect(() => read([video({ width: 20_000, height: 20_000 })])).toThrow('20000 × 20000')
  })
})
