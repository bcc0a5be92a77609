import type { Readable } from 'node:stream'
import { measureBandwidth, type SegmentSize } from '#engine/media/bandwidth.ts'
import { groupFragments, NotSegmentable, type Segment } from '#engine/media/group-fragments.ts'
import type { IFrame } from '#engine/media/ingest-context.ts'
import { readBoxes, readTrackHeader, type TrackHeader } from '#engine/media/mp4-boxes.ts'
import type { StoragePort } from '#engine/storage/port.ts'

// What a phone would have to hold at once.
const LARGEST_FRAGMENT_BYTES = 96 * 1024 * 1024
const PARALLEL_PUTS = 4

export type SegmentedTrack = {
  header: TrackHeader
  initBytes: number
  segments: SegmentSize[]
  /** Segment, offset, bytes and seconds of each keyframe; empty for sound. */
  iframes: IFrame[]
  bandwidth: number
  averageBandwidth: number
  /** Seconds from the first sample to the end of the last. */
  duration: number
  samples: number
}

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
  const head: Buffer[] = []
  let header: TrackHeader | null = null
  let groups: ReturnType<typeof groupFragments> | null = null
  let moof: Buffer | null = null
  const segments: SegmentSize[] = []
  const iframes: IFrame[] = []
  const store = async ({ pieces, keyframes, ...size }: Segment) => {
    for (const { offset, bytes, seconds } of keyframes)
      if (header && header.width > 0) iframes.push([segments.length, offset, bytes, seconds])
    await puts.put(`${folder}${segments.length}.m4s`, pieces)
    segments.push(size)
  }
  for await (const box of boxesOf(stream)) {
    if (!header && ['ftyp', 'moov'].includes(box.type)) head.push(...box.pieces)
    if (box.type === 'moov') {
      header = readTrackHeader(Buffer.concat(head))
      groups = groupFragments(header.timescale, store)
    }
    if (box.type === 'moof') moof = Buffer.concat(box.pieces)
    if (box.type !== 'mdat' || !moof || !groups) continue
    await groups.add(moof, box)
    moof = null
  }
  const whole = await groups?.end()
  if (!header || !whole) return null
  await puts.put(`${folder}init.mp4`, head)
  await puts.settled()
  puts.check()
  const initBytes = head.reduce((sum, piece) => sum + piece.length, 0)
  return { header, initBytes, segments, iframes, ...measureBandwidth(segments), ...whole }
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
