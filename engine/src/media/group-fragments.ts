import { alignFirstFragment } from '#engine/media/first-fragment.ts'
import { keyframeBytes } from '#engine/media/keyframe-range.ts'
import { type Box, readFragmentTimes } from '#engine/media/mp4-boxes.ts'

/** Nominal segment length, seconds: two groups of pictures of 2 s. */
const SEGMENT_SECONDS = 4
// A keyframe may come a little early, as frame rates are no round numbers.
const TOLERANCE_SECONDS = 0.25
const LONGEST_FRAGMENT_SECONDS = 30

/** The stream has no keyframe for too long, so it can't be cut into segments without encoding. */
export class NotSegmentable extends Error {
  override readonly name = 'NotSegmentable'
}

/** Where a keyframe lies in its segment: what to fetch to show it, and for how many seconds it stands. */
export type Keyframe = { offset: number; bytes: number; seconds: number }

/** A finished media segment: its length in seconds and its bytes. */
export type Segment = { duration: number; bytes: number; pieces: Buffer[]; keyframes: Keyframe[] }

type KeyframeMark = { offset: number; bytes: number; start: number }
type Group = { pieces: Buffer[]; bytes: number; start: number; end: number; keyframes: KeyframeMark[] }

/**
 * Gathers fragments, each beginning with a keyframe, into segments of about four seconds and gives them to
 * `store` in order. Times are in ticks of `timescale`.
 */
export function groupFragments(timescale: number, store: (segment: Segment) => Promise<void>) {
  let [origin, samples] = [null as number | null, 0]
  let complete: Group | null = null
  let current: Group | null = null
  const seconds = (group: Group) => (group.end - group.start) / timescale
  const flush = (group: Group) =>
    store({
      duration: seconds(group),
      bytes: group.bytes,
      pieces: group.pieces,
      keyframes: keyframesOf(group, timescale),
    })

  return {
    /** Takes a fragment in. Throws NotSegmentable if it is too long to be streamed. */
    async add(asWritten: Buffer, mdat: Box): Promise<void> {
      const moof = origin === null ? alignFirstFragment(asWritten) : asWritten
      const times = readFragmentTimes(moof)
      if (times.end - times.start > LONGEST_FRAGMENT_SECONDS * timescale)
        throw new NotSegmentable('no keyframe')
      samples += times.samples
      origin ??= times.start
      // The next fragment's start is the exact end of the one before, gaps included.
      if (current) current.end = times.start
      if (current && seconds(current) >= SEGMENT_SECONDS - TOLERANCE_SECONDS) {
        if (complete) await flush(complete)
        complete = current
        current = null
      }
      current ??= { pieces: [], bytes: 0, start: times.start, end: 0, keyframes: [] }
      const keyframe = keyframeBytes(moof)
      if (keyframe !== null)
        current.keyframes.push({ offset: current.bytes, bytes: keyframe, start: times.start })
      current.pieces.push(moof, ...mdat.pieces)
      current.bytes += moof.length + mdat.bytes
      current.end = times.end
    },

    /** Stores what is left. Seconds from the first sample to the last one's end; null without any. */
    async end(): Promise<{ duration: number; samples: number } | null> {
      if (!current || origin === null) return null
      for (const group of withoutStub(complete, current, seconds)) await flush(group)
      return { duration: (current.end - origin) / timescale, samples }
    },
  }
}

// A last segment of a few frames costs a request and distorts the peak rate: it joins the one before.
function withoutStub(previous: Group | null, last: Group, seconds: (group: Group) => number): Group[] {
  if (!previous) return [last]
  if (seconds(last) >= SEGMENT_SECONDS / 2 || seconds(previous) > SEGMENT_SECONDS * 1.5)
    return [previous, last]
  const moved = last.keyframes.map((mark) => ({ ...mark, offset: mark.offset + previous.bytes }))
  return [
    {
      pieces: [...previous.pieces, ...last.pieces],
      bytes: previous.bytes + last.bytes,
      start: previous.start,
      end: last.end,
      keyframes: [...previous.keyframes, ...moved],
    },
  ]
}

/** A keyframe stands until the next one of its segment, or the segment's end. */
function keyframesOf({ keyframes, end }: Group, timescale: number): Keyframe[] {
  return keyframes.map(({ offset, bytes, start }, index) => {
    const until = keyframes[index + 1]?.start ?? end
    return { offset, bytes, seconds: (until - start) / timescale }
  })
}
