import type { Readable } from 'node:stream'
import { measureBandwidth, type SegmentSize } from '#engine/media/bandwidth.ts'
import { readBoxes, readFragmentTimes, readTrackHeader, type TrackHeader } from '#engine/media/mp4-boxes.ts'
import type { StoragePort } from '#engine/storage/port.ts'

/** Nominal segment length, seconds: two groups of pictures of 2 s. */
export const SEGMENT_SECONDS = 4
// A group of pictures past these cannot be streamed well: 30 s, or what a phone would have to hold at once.
const LONGEST_FRAGMENT_SECONDS = 30
const LARGEST_FRAGMENT_BYTES = 96 * 1024 * 1024
const PARALLEL_PUTS = 4

/** The stream has no keyframe for too long, so it can't be cut into segments without encoding. */
export class NotSegmentable extends Error {
  override readonly name = 'NotSegmentable'
}

export type SegmentedTrack = {
  header: TrackHeader
  initBytes: number
  segments: SegmentSize[]
  bandwidth: number
  averageBandwidth: number
  /** Seconds from the first sample to the end of the last. */
  duration: number
  samples: number
}

type Pending = { parts: Buffer[]; bytes: number; start: number; end: number }

/**
 * Cuts one track of fragmented MP4, as it arrives from ffmpeg, into `init.mp4`, `0.m4s`, `1.m4s`, … under
 * `folder`. Fragments begin with keyframes; segments are whole fragments of about four seconds together.
 * Holds at most a few segments in memory, and reads no further while storage is behind. Null if the track
 * has no sample at all.
 */
export async function segmentTrack(
  stream: Readable,
  storage: StoragePort,
  folder: string,
): Promise<SegmentedTrack | null> {
  const puts = boundedPuts(storage)
  try {
    return await cut(stream, folder, puts)
  } finally {
    // Nothing may still be on its way into storage when a caller cleans up after a failure.
    await puts.settled()
  }
}

async function cut(stream: Readable, folder: string, puts: Puts): Promise<SegmentedTrack | null> {
  const segments: SegmentSize[] = []
  const head: Buffer[] = []
  let header: TrackHeader | null = null
  let samples = 0
  let origin: number | null = null
  let complete: Pending | null = null
  let current: Pending | null = null
  let moof: Buffer | null = null

  const flush = async (segment: Pending) => {
    const name = `${segments.length}.m4s`
    segments.push({ duration: (segment.end - segment.start) / header!.timescale, bytes: segment.bytes })
    await puts.put(folder + name, segment.parts)
  }
  const seconds = (segment: Pending) => (segment.end - segment.start) / header!.timescale

  for await (const box of boxesOf(stream)) {
    if (!header) {
      if (box.type === 'ftyp' || box.type === 'moov') head.push(...box.pieces)
      if (box.type === 'moov') header = readTrackHeader(Buffer.concat(head))
      continue
    }
    if (box.type === 'moof') moof = Buffer.concat(box.pieces)
    if (box.type !== 'mdat' || !moof) continue
    const times = readFragmentTimes(moof)
    if (times.end - times.start > LONGEST_FRAGMENT_SECONDS * header.timescale)
      throw new NotSegmentable('no keyframe')
    samples += times.samples
    origin ??= times.start
    // The next fragment's start is the exact end of the one before, gaps included.
    if (current) current.end = times.start
    if (current && seconds(current) >= SEGMENT_SECONDS - 0.25) {
      if (complete) await flush(complete)
      complete = current
      current = null
    }
    current ??= { parts: [], bytes: 0, start: times.start, end: 0 }
    current.parts.push(moof, ...box.pieces)
    current.bytes += moof.length + box.bytes
    current.end = times.end
    moof = null
  }
  if (!header || !current || origin === null) return null
  const end = current.end
  for (const segment of withoutStub(complete, current, seconds)) await flush(segment)
  const init = Buffer.concat(head)
  await puts.put(`${folder}init.mp4`, init)
  await puts.settled()
  puts.check()
  return {
    header,
    initBytes: init.length,
    segments,
    ...measureBandwidth(segments),
    duration: (end - origin) / header.timescale,
    samples,
  }
}

async function* boxesOf(stream: Readable) {
  try {
    yield* readBoxes(stream, LARGEST_FRAGMENT_BYTES)
  } catch (error) {
    throw (error as Error).name === 'BoxTooLarge' ? new NotSegmentable((error as Error).message) : error
  }
}

// A last segment of a few frames costs a request and distorts the peak rate: it joins the one before.
function withoutStub(
  previous: Pending | null,
  last: Pending,
  seconds: (segment: Pending) => number,
): Pending[] {
  if (!previous) return [last]
  if (seconds(last) >= SEGMENT_SECONDS / 2 || seconds(previous) > SEGMENT_SECONDS * 1.5)
    return [previous, last]
  const parts = [...previous.parts, ...last.parts]
  return [{ parts, bytes: previous.bytes + last.bytes, start: previous.start, end: last.end }]
}

type Puts = ReturnType<typeof boundedPuts>

/** Puts a few objects side by side; the first failure is thrown at the next call. */
function boundedPuts(storage: StoragePort) {
  const running = new Set<Promise<void>>()
  let failure: unknown
  const check = () => {
    if (failure) throw failure
  }
  return {
    async put(key: string, body: Buffer | Buffer[]): Promise<void> {
      while (running.size >= PARALLEL_PUTS) await Promise.race(running)
      check()
      const task: Promise<void> = storage
        .put(key, body)
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
