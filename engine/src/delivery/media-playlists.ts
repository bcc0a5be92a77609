import type { SegmentWindow } from '#engine/delivery/clip.ts'
import { targetDuration } from '#engine/media/bandwidth.ts'
import type { IFrame } from '#engine/media/ingest-context.ts'

/**
 * What no segment of a growing rendition is longer than, rounded: two groups of pictures, and a last one of less
 * than two seconds may join them. It must hold from the first answer on (RFC 8216bis, 4.4.3.1).
 */
const GROWING_TARGET_SECONDS = 6

type Media = {
  segments: { duration: number }[]
  window: SegmentWindow
  /** Seconds into the first segment where playback shall begin. */
  startOffset: number
}

/** The playlist of a finished rendition, at `<folder>/<rendition>.m3u8`; its URIs are relative. */
export function vodPlaylist(rendition: string, { segments, window, startOffset }: Media): string {
  return playlist(target(segments), [
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...(startOffset > 0.05 ? [start(startOffset)] : []),
    `#EXT-X-MAP:URI="${rendition}/init.mp4"`,
    ...entries(segments, window, `${rendition}/`),
    '#EXT-X-ENDLIST',
  ])
}

/** The playlist of a rendition that is being made, at `<folder>/<rendition>/event.m3u8`; also after its end. */
export function eventPlaylist({ segments, window, startOffset }: Media, growing: boolean): string {
  return playlist(Math.max(GROWING_TARGET_SECONDS, target(segments)), [
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    // Without it players would begin near the end, as with a live stream.
    start(startOffset),
    '#EXT-X-MAP:URI="init.mp4"',
    ...entries(segments, window, ''),
    ...(growing ? [] : ['#EXT-X-ENDLIST']),
  ])
}

/** Keyframes alone, at `<folder>/<rendition>/iframes.m3u8` (RFC 8216bis, 4.4.3.6). */
export function iframePlaylist(iframes: IFrame[], { first, last }: SegmentWindow): string {
  const within = iframes.filter(([segment]) => segment >= first && segment <= last)
  return playlist(target(within.map(([, , , duration]) => ({ duration }))), [
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-I-FRAMES-ONLY',
    '#EXT-X-MAP:URI="init.mp4"',
    ...within.flatMap(([segment, offset, bytes, duration]) => [
      extinf(duration),
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      `${segment}.m4s`,
    ]),
    '#EXT-X-ENDLIST',
  ])
}

/** A text track cut into pieces, at `<folder>/text/<track id>.m3u8`. */
export function textPlaylist(trackId: string, durations: number[]): string {
  return playlist(target(durations.map((duration) => ({ duration }))), [
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...durations.flatMap((duration, index) => [extinf(duration), `${trackId}/${index}.vtt`]),
    '#EXT-X-ENDLIST',
  ])
}

const playlist = (targetSeconds: number, lines: string[]) =>
  `${[
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    ...lines,
  ].join('\n')}\n`
const target = (segments: { duration: number }[]) =>
  targetDuration(segments.map(({ duration }) => ({ duration, bytes: 0 })))
const extinf = (seconds: number) => `#EXTINF:${seconds.toFixed(5)},`
const start = (offset: number) => `#EXT-X-START:TIME-OFFSET=${Number(offset.toFixed(3))},PRECISE=YES`

const entries = (segments: { duration: number }[], { first, last }: SegmentWindow, base: string) =>
  segments.flatMap(({ duration }, index) =>
    index < first || index > last ? [] : [extinf(duration), `${base}${index}.m4s`],
  )
