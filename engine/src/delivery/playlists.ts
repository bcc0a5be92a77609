import {
  attributes,
  languageName,
  languageTag,
  quotable,
  quoted,
} from '#engine/delivery/playlist-attributes.ts'
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
  /** Of the track that the sound comes from. */
  trackName: string | null
  /** It is being made, and its playlist will grow. */
  growing: boolean
  /** Measured over its keyframes alone; null where none were measured. */
  iframeBandwidth: number | null
  iframeAverageBandwidth: number | null
}

/** A text track that can be shown. */
export type ListedText = {
  id: string
  name: string | null
  language: string | null
  closedCaptions: boolean
  /** Shown whenever its language is spoken, whatever the viewer chose. */
  forced: boolean
}

export type MasterOptions = {
  /** Short sides in lines, inclusive. */
  maxResolution: number | null
  minResolution: number | null
  /** Tallest first; otherwise a middle one comes first, which players start with. */
  descending: boolean
  /** Each variant is listed again, under another path. */
  redundant: boolean
  /** Language of the text track that is shown unasked. */
  defaultTextLanguage: string | null
  /** The ladder is complete, so what only bridged the wait is left out. */
  complete: boolean
  /** Where everything below the session lies, relative to the master playlist; ends in '/'. */
  folder: string
}

type Sound = { all: ListedRendition[]; primary: ListedRendition | null }

/** RFC 8216bis, 4.4.6: variants with groups of sound and text; a rate is that of picture and loudest sound together. */
export function masterPlaylist(
  renditions: ListedRendition[],
  texts: ListedText[],
  options: MasterOptions,
): string {
  const sound = pickSound(renditions)
  const videos = order(restrict(pickVideos(renditions, options.complete), options), options.descending)
  const tracks = videos.length > 0 ? videos : sound.all.slice(0, 1)
  const folders = options.redundant ? [options.folder, `${options.folder}redundant/`] : [options.folder]
  const groups = {
    audio: videos.length > 0 && sound.primary !== null,
    text: texts.length > 0,
  }
  return `${[
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(groups.audio ? audioGroup(sound, options.folder) : []),
    ...textGroup(texts, options),
    ...folders.flatMap((folder) =>
      tracks.flatMap((track) => variant(track, track.kind === 'video' ? sound.all : [], groups, folder)),
    ),
    ...videos.flatMap((video) => iframeVariant(video, options.folder)),
  ].join('\n')}\n`
}

function pickVideos(renditions: ListedRendition[], complete: boolean): ListedRendition[] {
  const all = renditions.filter(({ kind }) => kind === 'video')
  const lasting = all.filter(({ name }) => !INTERIM.has(name))
  // Pictures may still gain from the source while the ladder is made.
  return complete && lasting.length > 0 ? lasting : all
}

/** The main sound comes in one version at a time; further tracks stand beside it. */
function pickSound(renditions: ListedRendition[]): Sound {
  const all = renditions.filter(({ kind }) => kind === 'audio')
  const primary =
    all.find(({ name }) => name === 'audio') ?? all.find(({ name }) => INTERIM.has(name)) ?? all[0] ?? null
  const further = all.filter((one) => one !== primary && !INTERIM.has(one.name))
  return { all: primary ? [primary, ...further] : [], primary }
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

// Players begin with the first: one that grows has the most to show while a ladder is made.
function order(videos: ListedRendition[], descending: boolean): ListedRendition[] {
  const [growing, done] = [videos.filter((video) => video.growing), videos.filter((video) => !video.growing)]
  if (descending || done.length < 3) return [...growing, ...done]
  const middle = done[Math.floor(done.length / 2)]!
  return [...growing, middle, ...done.filter((video) => video !== middle)]
}

const uriOf = ({ name, growing }: ListedRendition, folder: string) =>
  `${folder}${name}${growing ? '/event' : ''}.m3u8`

function audioGroup({ all, primary }: Sound, folder: string): string[] {
  const names = uniqueNames(all.map(({ trackName, language }) => nameOf(trackName, language, 'Audio')))
  return all.map((audio, index) => {
    const tag = languageTag(audio.language)
    return `#EXT-X-MEDIA:${attributes({
      TYPE: 'AUDIO',
      'GROUP-ID': quoted('audio'),
      NAME: quoted(names[index]!),
      LANGUAGE: tag && quoted(tag),
      AUTOSELECT: 'YES',
      DEFAULT: audio === primary ? 'YES' : 'NO',
      CHANNELS: audio.channels ? quoted(String(audio.channels)) : null,
      URI: quoted(uriOf(audio, folder)),
    })}`
  })
}

/** Apple's HLS authoring specification: what marks captions for people who can't hear. */
const CAPTIONS =
  'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound'

function textGroup(texts: ListedText[], { defaultTextLanguage, folder }: MasterOptions): string[] {
  const names = uniqueNames(texts.map(({ name, language }) => nameOf(name, language, 'Text')))
  const chosen = textByLanguage(texts, defaultTextLanguage)
  return texts.map((text, index) => {
    const tag = languageTag(text.language)
    return `#EXT-X-MEDIA:${attributes({
      TYPE: 'SUBTITLES',
      'GROUP-ID': quoted('text'),
      NAME: quoted(names[index]!),
      LANGUAGE: tag && quoted(tag),
      AUTOSELECT: 'YES',
      DEFAULT: text === chosen ? 'YES' : 'NO',
      FORCED: text.forced ? 'YES' : 'NO',
      CHARACTERISTICS: text.closedCaptions ? quoted(CAPTIONS) : null,
      URI: quoted(`${folder}text/${text.id}.m3u8`),
    })}`
  })
}

/** The first track of that very language, else of the same one from elsewhere (en for en-AU). */
function textByLanguage(texts: ListedText[], wanted: string | null): ListedText | null {
  const tag = languageTag(wanted)
  const primary = (code: string | null) => languageTag(code)?.split('-')[0]
  if (!tag) return null
  return (
    texts.find(({ language }) => languageTag(language) === tag) ??
    texts.find(({ language }) => primary(language) === primary(tag)) ??
    null
  )
}

const nameOf = (name: string | null, language: string | null, otherwise: string) =>
  quotable(name ?? '') || (languageName(languageTag(language)) ?? otherwise)

/** Names must differ within a group (RFC 8216bis, 4.4.6.1.1). */
function uniqueNames(names: string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let count = 2; taken.has(unique); count += 1) unique = `${name} ${count}`
    taken.add(unique)
    return unique
  })
}

function variant(
  track: ListedRendition,
  sounds: ListedRendition[],
  groups: { audio: boolean; text: boolean },
  folder: string,
): string[] {
  const sum = (field: 'bandwidth' | 'averageBandwidth') =>
    String(track[field] + Math.max(0, ...sounds.map((sound) => sound[field])))
  const codecs = new Set([track, ...sounds].map((one) => one.codecs))
  return [
    `#EXT-X-STREAM-INF:${attributes({
      BANDWIDTH: sum('bandwidth'),
      'AVERAGE-BANDWIDTH': sum('averageBandwidth'),
      CODECS: quoted([...codecs].join(',')),
      RESOLUTION: resolution(track),
      'FRAME-RATE': track.frameRate ? track.frameRate.toFixed(3) : null,
      AUDIO: groups.audio ? quoted('audio') : null,
      SUBTITLES: groups.text ? quoted('text') : null,
    })}`,
    uriOf(track, folder),
  ]
}

function iframeVariant(video: ListedRendition, folder: string): string[] {
  if (video.growing || video.iframeBandwidth === null) return []
  return [
    `#EXT-X-I-FRAME-STREAM-INF:${attributes({
      BANDWIDTH: String(video.iframeBandwidth),
      'AVERAGE-BANDWIDTH': String(video.iframeAverageBandwidth),
      CODECS: quoted(video.codecs),
      RESOLUTION: resolution(video),
      URI: quoted(`${folder}${video.name}/iframes.m3u8`),
    })}`,
  ]
}

const resolution = ({ width, height }: ListedRendition) => (width && height ? `${width}x${height}` : null)
