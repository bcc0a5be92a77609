import type { Readable } from 'node:stream'
import { measureBandwidth, type SegmentSize } from '#engine/media/bandwidth.ts'
import type { EarlierTrack } from '#engine/media/earlier-track.ts'
import { groupFragments, NotSegmentable, type Segment } from '#engine/media/group-fragments.ts'
import type { IFrame } from '#engine/media/ingest-context.ts'
import { readBoxes, readTrackHeader, type TrackHeader } from '#engine/media/mp4-boxes.ts'
import type { StorageBatch } from '#engine/storage/port.ts'

// What a phone would have to hold at once.
const LARGEST_FRAGMENT_BYTES = 96 * 1024 * 1024
const PARALLEL_PUTS = 4

/** What is stored of a track so far. */
export type TrackSoFar = {
  header: TrackHeader
  initBytes: number
  segments: SegmentSize[]
  /** Segment, offset, bytes and seconds of each keyframe; empty for sound. */
  iframes: IFrame[]
}

export type SegmentedTrack = TrackSoFar & {
  bandwidth: number
  averageBandwidth: number
  /** Seconds from the first sample to the end of the last. */
  duration: number
  samples: number
}

export type TrackCut = {
  /** Nothing put is durable before the caller settles it. */
  batch: StorageBatch
  /** Storage key prefix, ends in '/'. */
  folder: string
  /** Gives what an earlier attempt published in place of what was made again. */
  earlier?: EarlierTrack
  /** Called when another object is stored; the function gives all from the first to the last without a gap. */
  onStored?: (soFar: () => TrackSoFar) => void
}

/**
 * Cuts one track of fragmented MP4, as it arrives from ffmpeg, into `init.mp4`, `0.m4s`, `1.m4s`, … under
 * `folder`. Fragments begin with keyframes; segments are whole fragments of about four seconds together.
 * Holds at most a few segments in memory, and reads no further while storage is behind. Null if the track
 * has no sample at all.
 */
export async function segmentTrack(stream: Readable, cut: TrackCut): Promise<SegmentedTrack | null> {
  const puts = boundedPuts(cut.batch)
  try {
    return await cutTrack(stream, cut, puts)
  } finally {
    // Nothing may still be on its way into storage when a caller cleans up after a failure.
    await puts.settled()
  }
}

async function cutTrack(stream: Readable, cut: TrackCut, puts: Puts): Promise<SegmentedTrack | null> {
  const head: Buffer[] = []
  let track: TrackSoFar | null = null
  let groups: ReturnType<typeof groupFragments> | null = null
  let moof: Buffer | null = null
  for await (const box of boxesOf(stream)) {
    if (!track && ['ftyp', 'moov'].includes(box.type)) head.push(...box.pieces)
    if (box.type === 'moov') {
      const init = Buffer.concat(head)
      track = { header: readTrackHeader(init), initBytes: init.length, segments: [], iframes: [] }
      await cut.earlier?.begin(init)
      groups = groupFragments(track.header.timescale, storeInto(track, init, cut, puts))
    }
    if (box.type === 'moof') moof = Buffer.concat(box.pieces)
    if (box.type !== 'mdat' || !moof || !groups) continue
    await groups.add(moof, box)
    moof = null
  }
  const whole = await groups?.end()
  if (!track || !whole) return null
  await puts.settled()
  puts.check()
  return { ...track, ...measureBandwidth(track.segments), ...whole }
}

/** Stores segments in order, the initialisation segment with the first. */
function storeInto(track: TrackSoFar, init: Buffer, cut: TrackCut, puts: Puts) {
  const stored = new Set<string>()
  const soFar = (): TrackSoFar => {
    let count = 0
    while (stored.has('init.mp4') && stored.has(`${count}.m4s`)) count += 1
    const iframes = track.iframes.filter(([segment]) => segment < count)
    return { ...track, segments: track.segments.slice(0, count), iframes }
  }
  const put = (name: string, body: Buffer | Buffer[]) =>
    puts.put(`${cut.folder}${name}`, body, () => {
      stored.add(name)
      cut.onStored?.(soFar)
    })
  return async (made: Segment): Promise<void> => {
    const index = track.segments.length
    const { pieces, keyframes, ...size } = (await cut.earlier?.segment(index, made)) ?? made
    for (const { offset, bytes, seconds } of track.header.width > 0 ? keyframes : [])
      track.iframes.push([index, offset, bytes, seconds])
    track.segments.push(size)
    if (index === 0) await put('init.mp4', init)
    await put(`${index}.m4s`, pieces)
  }
}

async function* boxesOf(stream: Readable) {
  try {
    yield* readBoxes(stream, LARGEST_FRAGMENT_BYTES)
  } catch (error) {
    throw (error as Error).name === 'BoxTooLarge' ? new NotSegmentable((error as Error).message) : error
  }
}

type Puts = ReturnType<typeof boundedPuts>

/** Puts a few objects side by side; the first failure is thrown at the next call. */
function boundedPuts(batch: StorageBatch) {
  const running = new Set<Promise<void>>()
  let failure: unknown
  const check = () => {
    if (failure) throw failure
  }
  return {
    async put(key: string, body: Buffer | Buffer[], onStored: () => void): Promise<void> {
      while (running.size >= PARALLEL_PUTS) await Promise.race(running)
      check()
      const task: Promise<void> = batch
        .put(key, body)
        .then(onStored)
        .catch((error) => {
          failure ??= error
        })
        .finally(() => running.delete(task))
      running.add(task)
    },
    async settled(): Promise<void> {
      await Promise.all(running)
    },
    check,
  }
}
