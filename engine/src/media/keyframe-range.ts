import { findBox, readSamples } from '#engine/media/mp4-boxes.ts'

/** ISO/IEC 14496-12, 8.8.3.1: sample_is_non_sync_sample. */
const NOT_SYNC = 0x10000

/**
 * Bytes from the start of a fragment (`moof`, its `mdat` directly behind) to the end of its first sample: enough
 * to decode that picture alone. Null where the first sample is no keyframe, or does not come first in the data.
 */
export function keyframeBytes(moof: Buffer): number | null {
  const trun = findBox(moof, ['moof', 'traf', 'trun'])
  const first = readSamples(moof)[0]
  // Without a data offset (flag 1) the samples follow some other rule than ffmpeg's.
  if (!trun || !first || first.flags & NOT_SYNC || !(moof.readUInt32BE(trun.start + 8) & 1)) return null
  return moof.readInt32BE(trun.start + 16) + first.bytes
}
