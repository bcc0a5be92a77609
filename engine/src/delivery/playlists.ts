import { targetDuration } from '#engine/media/bandwidth.ts'
import { INTERIM, shortSide } from '#engine/media/plan.ts'

/** What a master playlist tells about a rendition. */
export type ListedRendition = {
  name: string
  kind: 'video' | 'audio'
  width: number | null
  height: number | null
  frameRate: number | null
  codecs: string
  bandwidth: number
  averageBandwidth: number
  channels: number | null
  language: string | null
}

export type MasterOptions = {
  /** Short sides in lines, inclusive. */
  maxResolution: number | null
  minResolution: number | null
  /** Tallest first; otherwise a middle one comes first, which players start with. */
  descending: boolean
  /** The ladder is complete, so what only bridged the wait is left out. */
  complete: boolean
  /** Path of a rendition's playlist, relative to the master's. */
  uri: (rendition: string) => string
}

/** RFC 8216bis, 4.4.6: variants with one audio group, each rate that of picture and sound together. */
export function masterPlaylist(renditions: ListedRendition[], options: MasterOptions): string {
  const audio = pick(renditions, 'audio', options.complete)[0] ?? null
  const videos = order(restrict(pick(renditions, 'video', options.complete), options), options.descending)
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS']
  if (videos.length === 0 && audio) lines.push(...variant([audio], null, options))
  if (videos.length > 0 && audio) lines.push(audioGroup(audio, options))
  for (const video of videos) lines.push(...variant(audio ? [video, audio] : [video], video, options))
  return `${lines.join('\n')}\n`
}

function pick(renditions: ListedRendition[], kind: string, complete: boolean): ListedRendition[] {
  const all = renditions.filter((rendition) => rendition.kind === kind)
  const lasting = all.filter((rendition) => !INTERIM.has(rendition.name))
  if (lasting.length === 0) return all
  // Sound comes in one version at a time; pictures may still gain from the source while the ladder is made.
  return complete || kind === 'audio' ? lasting : all
}

const lines = (rendition: ListedRendition) =>
  shortSide({ width: rendition.width!, height: rendition.height! })

function restrict(
  videos: ListedRendition[],
  { maxResolution, minResolution }: MasterOptions,
): ListedRendition[] {
  const sorted = videos.toSorted((a, b) => lines(b) - lines(a) || b.bandwidth - a.bandwidth)
  const low = sorted.filter((video) => maxResolution === null || lines(video) <= maxResolution)
  const upper = low.length > 0 ? low : sorted.slice(-1)
  const high = upper.filter((video) => minResolution === null || lines(video) >= minResolution)
  return high.length > 0 ? high : upper.slice(0, 1)
}

function order(videos: ListedRendition[], descending: boolean): ListedRendition[] {
  if (descending || videos.length < 3) return videos
  const middle = videos[Math.floor(videos.length / 2)]!
  return [middle, ...videos.filter((video) => video !== middle)]
}

function audioGroup(audio: ListedRendition, options: MasterOptions): string {
  return `#EXT-X-MEDIA:${attributes({
    TYPE: 'AUDIO',
    'GROUP-ID': quoted('audio'),
    NAME: quoted('Default'),
    LANGUAGE: audio.language && /^[A-Za-z0-9-]+$/.test(audio.language) ? quoted(audio.language) : null,
    AUTOSELECT: 'YES',
    DEFAULT: 'YES',
    CHANNELS: audio.channels ? quoted(String(audio.channels)) : null,
    URI: quoted(options.uri(audio.name)),
  })}`
}

function variant(tracks: ListedRendition[], video: ListedRendition | null, options: MasterOptions): string[] {
  const sum = (field: 'bandwidth' | 'averageBandwidth') =>
    String(tracks.reduce((all, track) => all + track[field], 0))
  return [
    `#EXT-X-STREAM-INF:${attributes({
      BANDWIDTH: sum('bandwidth'),
      'AVERAGE-BANDWIDTH': sum('averageBandwidth'),
      CODECS: quoted(tracks.map((track) => track.codecs).join(',')),
      RESOLUTION: video && `${video.width}x${video.height}`,
      'FRAME-RATE': video?.frameRate ? video.frameRate.toFixed(3) : null,
      AUDIO: video && tracks.length > 1 ? quoted('audio') : null,
    })}`,
    options.uri(tracks[0]!.name),
  ]
}

const quoted = (text: string) => `"${text}"`

function attributes(list: Record<string, string | null>): string {
  const set = Object.entries(list).filter(([, value]) => value !== null)
  return set.map(([name, value]) => `${name}=${value}`).join(',')
}

/** The playlist of one finished rendition; the same for every session, as its URIs are relative. */
export function mediaPlaylist(rendition: string, durations: number[]): string {
  const segments = durations.flatMap((duration, index) => [
    `#EXTINF:${duration.toFixed(5)},`,
    `${rendition}/${index}.m4s`,
  ])
  return `${[
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetDuration(durations.map((duration) => ({ duration, bytes: 0 })))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MAP:URI="${rendition}/init.mp4"`,
    ...segments,
    '#EXT-X-ENDLIST',
  ].join('\n')}\n`
}
