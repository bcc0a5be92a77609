import HLS from 'hls-parser'
// @ts-expect-error it ships no types
import { Parser } from 'm3u8-parser'
import { fetchText } from './hls-reader.ts'
import { type MediaRendition, measureRendition, type RenditionFacts } from './rendition-facts.ts'

/** How far a measured peak may lie above what is promised, and a playlist's second from the media's. */
const PEAK_TOLERANCE = 1.1
const SECONDS_TOLERANCE = 0.05

type Master = HLS.types.MasterPlaylist
type Media = HLS.types.MediaPlaylist

/**
 * What is wrong with the HLS behind a master playlist's URL: where two independent parsers warn or disagree, and
 * where the playlists promise what the media does not hold (RFC 8216bis). Empty where all is well. Fetches at most
 * 64 MB of each rendition.
 */
export async function playlistWarnings(masterUrl: string): Promise<string[]> {
  const warnings: string[] = []
  const text = await fetchText(masterUrl)
  const master = parseBoth('master', text, warnings) as Master | null
  if (!master?.isMasterPlaylist) return [...warnings, 'master: not a master playlist']
  const media = new Map<string, Promise<MediaRendition | null>>()
  const open = (uri: string) => {
    const known = media.get(uri) ?? openMedia(new URL(uri, masterUrl).href, warnings)
    media.set(uri, known)
    return known
  }
  const facts = new Map<string, Promise<RenditionFacts | null>>()
  const measure = async (uri: string) => {
    const known = facts.get(uri) ?? open(uri).then((rendition) => rendition && measureRendition(rendition))
    facts.set(uri, known)
    return known
  }
  const streams = master.variants.filter((variant) => !variant.isIFrameOnly)
  for (const variant of streams) {
    const sounds = await Promise.all(variant.audio.flatMap(({ uri }) => (uri ? [measure(uri)] : [])))
    const own = await measure(variant.uri)
    if (own)
      warnings.push(
        ...variantWarnings(
          variant,
          own,
          sounds.filter((sound) => sound !== null),
        ),
      )
  }
  for (const variant of master.variants.filter(({ isIFrameOnly }) => isIFrameOnly)) {
    const own = await measure(variant.uri)
    if (own) warnings.push(...variantWarnings(variant, own, []))
  }
  for (const [uri, known] of facts) warnings.push(...factWarnings(short(uri), await known))
  for (const text of streams.flatMap(({ subtitles }) => subtitles)) if (text.uri) await open(text.uri)
  const rungs = await Promise.all(
    streams.filter(({ resolution }) => resolution).map(({ uri }) => measure(uri)),
  )
  warnings.push(...alignmentWarnings(rungs.filter((rung) => rung !== null)))
  return [...new Set(warnings)]
}

const short = (uri: string) => uri.split('/').slice(2).join('/')

async function openMedia(url: string, warnings: string[]): Promise<MediaRendition | null> {
  const name = short(new URL(url).pathname.slice(1))
  const playlist = parseBoth(name, await fetchText(url), warnings) as Media | null
  if (!playlist) return null
  const grows = !playlist.endlist
  if (grows && playlist.playlistType !== 'EVENT') warnings.push(`${name}: neither closed nor EVENT`)
  if (grows && playlist.start?.offset !== 0) warnings.push(`${name}: grows, and does not say where to begin`)
  for (const { duration } of playlist.segments)
    if (Math.round(duration) > playlist.targetDuration)
      warnings.push(`${name}: a segment of ${duration} s is longer than its target`)
  return { name, url, playlist }
}

/** Reads a playlist with both parsers, in their strictest mode, and compares what they found. */
function parseBoth(name: string, text: string, warnings: string[]): Master | Media | null {
  const say = (message: string) => warnings.push(`${name}: ${message}`)
  const parser = new Parser()
  for (const event of ['warn', 'info', 'error'])
    parser.on(event, ({ message }: { message: string }) => say(`m3u8-parser: ${message}`))
  parser.push(text)
  parser.end()
  try {
    HLS.setOptions({ strictMode: true, silent: true })
    const parsed = HLS.parse(text)
    for (const difference of differences(parsed as Master | Media, parser.manifest)) say(difference)
    return parsed as Master | Media
  } catch (error) {
    say(`hls-parser: ${(error as Error).message}`)
    return null
  } finally {
    HLS.setOptions({ strictMode: false, silent: false })
  }
}

type Manifest = {
  playlists?: { uri: string; attributes: { BANDWIDTH: number } }[]
  iFramePlaylists?: { uri: string; attributes: { BANDWIDTH: number } }[]
  segments: { uri: string; duration: number; byterange?: { offset: number; length: number } }[]
  targetDuration?: number
  endList?: boolean
}

function differences(parsed: Master | Media, manifest: Manifest): string[] {
  const same = (what: string, one: unknown, other: unknown) =>
    JSON.stringify(one) === JSON.stringify(other) ? [] : [`the parsers disagree on ${what}`]
  if (parsed.isMasterPlaylist) {
    const listed = parsed.variants.map(({ uri, bandwidth }) => [uri, bandwidth]).sort()
    const other = [...(manifest.playlists ?? []), ...(manifest.iFramePlaylists ?? [])]
    return same('variants', listed, other.map(({ uri, attributes }) => [uri, attributes.BANDWIDTH]).sort())
  }
  const media = parsed as Media
  return [
    ...same(
      'segments',
      media.segments.map(({ uri, duration, byterange }) => [
        uri,
        duration,
        byterange?.offset,
        byterange?.length,
      ]),
      manifest.segments.map(({ uri, duration, byterange }) => [
        uri,
        duration,
        byterange?.offset,
        byterange?.length,
      ]),
    ),
    ...same('the target duration', media.targetDuration, manifest.targetDuration),
    ...same('the end', media.endlist, manifest.endList ?? false),
  ]
}

function variantWarnings(
  { uri, bandwidth, averageBandwidth, codecs, resolution }: HLS.types.Variant,
  own: RenditionFacts,
  sounds: RenditionFacts[],
): string[] {
  const found: string[] = []
  const peak = own.peak + Math.max(0, ...sounds.map((sound) => sound.peak))
  const mean = own.mean + Math.max(0, ...sounds.map((sound) => sound.mean))
  const say = (message: string) => found.push(`${short(uri)}: ${message}`)
  if (peak > bandwidth * PEAK_TOLERANCE)
    say(`a peak of ${Math.round(peak)} bit/s, BANDWIDTH says ${bandwidth}`)
  if (averageBandwidth && own.whole && mean > averageBandwidth * PEAK_TOLERANCE)
    say(`${Math.round(mean)} bit/s on average, AVERAGE-BANDWIDTH says ${averageBandwidth}`)
  const held = new Set([own, ...sounds].map((one) => one.codecs))
  if ([...new Set(codecs?.split(','))].sort().join() !== [...held].sort().join())
    say(`CODECS says ${codecs}, the media ${[...held]}`)
  if (resolution && (resolution.width !== own.width || resolution.height !== own.height))
    say(`RESOLUTION says ${resolution.width}x${resolution.height}, the media ${own.width}x${own.height}`)
  return found
}

function factWarnings(name: string, facts: RenditionFacts | null): string[] {
  if (!facts) return []
  const drifts = facts.segments.filter(({ listed, held }) => Math.abs(listed - held) > SECONDS_TOLERANCE)
  return [
    ...drifts.map(({ listed, held }) => `${name}: EXTINF ${listed}, the media lasts ${held.toFixed(3)} s`),
    ...facts.faults.map((fault) => `${name}: ${fault}`),
  ]
}

/** Players change rungs at keyframes: each rung has them where the one with the fewest has. */
function alignmentWarnings(rungs: RenditionFacts[]): string[] {
  const [first, ...others] = rungs.toSorted((a, b) => a.keyframes.length - b.keyframes.length)
  return others.flatMap((rung) => {
    const lost = first!.keyframes.filter(
      (time) =>
        time <= rung.endSeconds &&
        !rung.keyframes.some((other) => Math.abs(other - time) < SECONDS_TOLERANCE),
    )
    return lost.length === 0
      ? []
      : [`${rung.name}: ${lost.length} keyframes are not where ${first!.name} has them`]
  })
}
