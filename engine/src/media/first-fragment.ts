import { findBox, readSamples, type Sample } from '#engine/media/mp4-boxes.ts'

/**
 * Moves the decode times of a track's very first pictures to where presentation begins. Encoders that reorder
 * pictures start decoding earlier, and players that take the first decode time as their zero would then begin
 * with a hole of that length. Presentation times and everything after the first pictures stay as they are.
 * Returns the rewritten `moof` (with its `mdat` to follow unchanged), or the same if there is nothing to move.
 */
export function alignFirstFragment(moof: Buffer): Buffer {
  const samples = readSamples(moof)
  const begin = Math.min(...samples.map((sample) => sample.shown))
  const moved = samples.map((sample, index) => Math.max(sample.decoded, begin + index))
  const first = samples[0]
  // Further pictures keep their times; a moved one must still be decoded before it is shown.
  const possible = samples.every((sample, index) => moved[index]! <= sample.shown)
  if (!first || first.decoded >= begin || !possible) return moof
  return rewrite(moof, samples, moved)
}

function rewrite(moof: Buffer, samples: Sample[], moved: number[]): Buffer {
  const trun = findBox(moof, ['moof', 'traf', 'trun'])
  const traf = findBox(moof, ['moof', 'traf'])
  const tfdt = findBox(moof, ['moof', 'traf', 'tfdt'])
  if (!trun || !traf || !tfdt || samples.length !== moof.readUInt32BE(trun.start + 12)) return moof
  const fresh = sampleTable(moof, trun.start, samples, moved)
  const grown = fresh.length - (trun.end - trun.start)
  const result = Buffer.concat([moof.subarray(0, trun.start), fresh, moof.subarray(trun.end)])
  result.writeUInt32BE(moof.length + grown, 0)
  result.writeUInt32BE(traf.end - traf.start + grown, traf.start)
  // The data follows the moof, so it lies further from the moof's start by what the table has grown.
  result.writeInt32BE(moof.readInt32BE(trun.start + 16) + grown, trun.start + 16)
  const version = moof[tfdt.start + 8]
  if (version === 1) result.writeBigUInt64BE(BigInt(moved[0]!), tfdt.start + 12)
  else result.writeUInt32BE(moved[0]!, tfdt.start + 12)
  return result
}

/** A `trun` (version 1) that gives each sample its duration, size, flags and offset (ISO/IEC 14496-12, 8.8.8). */
function sampleTable(moof: Buffer, start: number, samples: Sample[], moved: number[]): Buffer {
  const table = Buffer.alloc(20 + 16 * samples.length)
  table.writeUInt32BE(table.length, 0)
  table.write('trun', 4, 'latin1')
  table.writeUInt32BE(0x01000f01, 8)
  table.writeUInt32BE(samples.length, 12)
  moof.copy(table, 16, start + 16, start + 20)
  samples.forEach((sample, index) => {
    const next = moved[index + 1] ?? sample.decoded + sample.duration
    const at = 20 + 16 * index
    table.writeUInt32BE(next - moved[index]!, at)
    table.writeUInt32BE(sample.bytes, at + 4)
    table.writeUInt32BE(sample.flags, at + 8)
    table.writeInt32BE(sample.shown - moved[index]!, at + 12)
  })
  return table
}
