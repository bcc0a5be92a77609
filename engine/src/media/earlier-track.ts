import type { Keyframe, Segment } from '#engine/media/group-fragments.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { keyframeBytes } from '#engine/media/keyframe-range.ts'
import type { StoragePort } from '#engine/storage/port.ts'

export type EarlierTrack = {
  /** Compares the initialisation segments; nothing is taken over if they differ. */
  begin(init: Buffer): Promise<void>
  /** The segment as it was published, or null where it was not. */
  segment(index: number, made: Segment): Promise<Segment | null>
}

// What the times of two encodes of the same pictures may differ by, seconds.
const SAME_SECONDS = 0.002

/**
 * What an attempt that was killed had published of a rendition. Players hold its URLs and perhaps its bytes, so the
 * next attempt, which encodes from the start to the same keyframes, takes these segments over and goes on behind.
 */
export function earlierTrack(
  storage: StoragePort,
  published: Pick<RenditionResult, 'folder' | 'segments'>,
): EarlierTrack {
  let same = false
  return {
    async begin(init) {
      const before = await storage.readAll(`${published.folder}init.mp4`)
      same = before?.equals(init) ?? false
    },
    async segment(index, made) {
      const known = published.segments[index]
      // With another version of ffmpeg the segments may fall elsewhere: then all is new from here.
      same &&= known !== undefined && Math.abs(known.duration - made.duration) < SAME_SECONDS
      if (!same) return null
      const bytes = await storage.readAll(`${published.folder}${index}.m4s`)
      if (!bytes) return null
      return {
        duration: made.duration,
        bytes: bytes.length,
        pieces: [bytes],
        keyframes: keyframesIn(bytes, made.keyframes),
      }
    },
  }
}

/** The keyframes of a stored segment, whose fragments stand for as long as those of the one made again. */
function keyframesIn(segment: Buffer, made: Keyframe[]): Keyframe[] {
  const found: Keyframe[] = []
  for (let at = 0; at + 8 <= segment.length; at += Math.max(8, segment.readUInt32BE(at))) {
    if (segment.toString('latin1', at + 4, at + 8) !== 'moof') continue
    const bytes = keyframeBytes(segment.subarray(at, at + segment.readUInt32BE(at)))
    const seconds = made[found.length]?.seconds
    if (bytes !== null && seconds !== undefined) found.push({ offset: at, bytes, seconds })
  }
  return found
}
