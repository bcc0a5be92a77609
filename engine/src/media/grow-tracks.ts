import type { RenditionResult } from '#engine/media/ingest-context.ts'
import type { TrackOutput } from '#engine/media/make-tracks.ts'
import type { TrackSoFar } from '#engine/media/segment-track.ts'
import type { StorageBatch } from '#engine/storage/port.ts'

/** What may be told of an encode before its end. */
export type Growth = {
  /** What was published of the run's outputs before. */
  earlier: RenditionResult[]
  /** The outputs to tell of, by name; the others stay unknown until they are whole. */
  names: string[]
  /** Each rendition with all its segments so far, once each has one; at most once a second. */
  onGrown: (renditions: RenditionResult[]) => Promise<void>
}

export type Growing = {
  stored(output: TrackOutput, soFar: () => TrackSoFar): void
  /** Aborts with what storing or telling threw. */
  failed: AbortSignal
  /** Nothing is told any more when it resolves. */
  stop(): Promise<void>
  /** Whether players know this output's files. */
  published(output: TrackOutput): boolean
}

const EVERY_MS = 1000
// A long film's list of segments is long, too: it is written less often.
const PER_SEGMENT_MS = 3
// Playlists that grow promise no segment longer than this (see eventPlaylist), rounded.
const LONGEST_SECONDS = 6.49

/** Makes what an encode has stored durable and tells of it while it goes on. */
export function growTracks(outputs: TrackOutput[], batch: StorageBatch, growth: Growth): Growing {
  const grown = outputs.filter(({ name }) => growth.names.includes(name))
  const latest: ((() => TrackSoFar) | null)[] = grown.map(() => null)
  const told = new Map(growth.earlier.map(({ name, segments }) => [name, segments.length]))
  const folders = new Set<string>()
  const failure = new AbortController()
  let running = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let next = 0
  let ended = false

  async function publish(): Promise<void> {
    const tracks = latest.map((soFar) => soFar!())
    if (tracks.some((track) => track.segments.length === 0)) return
    await batch.settle()
    const segments = tracks.flatMap((track) => track.segments)
    next = Date.now() + Math.max(EVERY_MS, segments.length * PER_SEGMENT_MS)
    if (segments.some(({ duration }) => duration > LONGEST_SECONDS)) ended = true
    const fresh = grown.flatMap((output, index) => {
      const more = tracks[index]!.segments.length > (told.get(output.name) ?? 0)
      return more ? [describeGrowing(output, tracks[index]!)] : []
    })
    if (ended || fresh.length === 0) return
    for (const { folder } of fresh) folders.add(folder)
    await growth.onGrown(fresh)
    for (const { name, segments } of fresh) told.set(name, segments.length)
  }

  return {
    stored(output, soFar) {
      const index = grown.indexOf(output)
      if (index < 0) return
      latest[index] = soFar
      if (ended || timer || latest.includes(null)) return
      timer = setTimeout(
        () => {
          timer = null
          running = running.then(publish).catch((error) => failure.abort(error))
        },
        Math.max(0, next - Date.now()),
      )
    },
    failed: failure.signal,
    async stop() {
      ended = true
      if (timer) clearTimeout(timer)
      await running
    },
    published: ({ folder }) => folders.has(folder),
  }
}

function describeGrowing(output: TrackOutput, track: TrackSoFar): RenditionResult {
  const video = output.kind === 'video'
  return {
    name: output.name,
    kind: output.kind,
    width: video ? track.header.width : null,
    height: video ? track.header.height : null,
    frameRate: output.expected?.frameRate ?? null,
    codecs: track.header.codecs,
    bandwidth: output.expected?.bandwidth ?? 0,
    averageBandwidth: output.expected?.averageBandwidth ?? 0,
    channels: output.channels,
    language: output.language,
    initBytes: track.initBytes,
    segments: track.segments,
    iframes: [],
    growing: true,
    folder: output.folder,
  }
}
