/** Reading of fragmented MP4 as ffmpeg writes it (ISO/IEC 14496-12); one track a stream. */

export type Box = {
  type: string
  /** The whole box with its header, as it came in; large ones in many pieces. */
  pieces: Buffer[]
  bytes: number
}

/** A box grew past the limit: the stream cannot be cut into segments of a sane size. */
export class BoxTooLarge extends Error {
  constructor(type: string, bytes: number) {
    super(`${type} box of ${bytes} bytes`)
    this.name = 'BoxTooLarge'
  }
}

/** Splits a byte stream into its top-level boxes, each held whole, at most `limit` bytes long, and not copied. */
export async function* readBoxes(stream: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Box> {
  let head: Buffer = Buffer.alloc(0)
  let box: Box | null = null
  let missing = 0
  for await (const chunk of stream) {
    let rest = chunk
    while (rest.length > 0) {
      if (!box) {
        const wanted = 8 - head.length
        head = head.length === 0 ? rest.subarray(0, 8) : Buffer.concat([head, rest.subarray(0, wanted)])
        rest = rest.subarray(wanted)
        if (head.length < 8) break
        const bytes = head.readUInt32BE(0)
        box = { type: head.toString('latin1', 4, 8), pieces: [head], bytes }
        if (bytes < 8 || bytes > limit) throw new BoxTooLarge(box.type, bytes)
        missing = bytes - 8
        head = Buffer.alloc(0)
      }
      const piece = rest.subarray(0, missing)
      if (piece.length > 0) box.pieces.push(piece)
      missing -= piece.length
      rest = rest.subarray(piece.length)
      if (missing > 0) break
      yield box
      box = null
    }
  }
}

/** The child boxes between two offsets. */
function* children(data: Buffer, start: number, end: number): Generator<{ type: string; body: Buffer }> {
  for (let at = start; at + 8 <= end; ) {
    const size = data.readUInt32BE(at)
    if (size < 8 || at + size > end) return
    yield { type: data.toString('latin1', at + 4, at + 8), body: data.subarray(at + 8, at + size) }
    at += size
  }
}

/** The body of the first box at a path such as ['moov', 'trak'], or null. */
function find(body: Buffer, path: string[]): Buffer | null {
  const [head, ...rest] = path
  if (head === undefined) return body
  for (const box of children(body, 0, body.length)) {
    if (box.type === head) return find(box.body, rest)
  }
  return null
}

export type TrackHeader = {
  /** Ticks a second. */
  timescale: number
  /** RFC 6381, from the decoder configuration. */
  codecs: string
  /** Display size in pixels; 0 for audio. */
  width: number
  height: number
}

/** Reads `ftyp` + `moov` of a stream with one track. */
export function readTrackHeader(init: Buffer): TrackHeader {
  const trak = find(init, ['moov', 'trak'])
  const tkhd = trak && find(trak, ['tkhd'])
  const mdhd = trak && find(trak, ['mdia', 'mdhd'])
  const stsd = trak && find(trak, ['mdia', 'minf', 'stbl', 'stsd'])
  if (!tkhd || !mdhd || !stsd) throw new Error('no track in the initialisation segment')
  const entry = children(stsd, 8, stsd.length).next().value
  if (!entry) throw new Error('no sample description in the initialisation segment')
  const audio = entry.type === 'mp4a'
  return {
    timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
    codecs: audio ? audioCodec(entry.body) : videoCodec(entry.type, entry.body),
    width: Math.round(tkhd.readUInt32BE(tkhd.length - 8) / 65536),
    height: Math.round(tkhd.readUInt32BE(tkhd.length - 4) / 65536),
  }
}

// avcC: version, profile, compatibility, level; 78 bytes of VisualSampleEntry before it.
function videoCodec(type: string, entry: Buffer): string {
  const avcC = find(entry.subarray(78), ['avcC'])
  if (type !== 'avc1' || !avcC) throw new Error(`unexpected video sample entry ${type}`)
  return `avc1.${avcC.toString('hex', 1, 4)}`
}

// esds: descriptors 3, 4 and 5; 5 begins with the five bits of the audio object type (31: six more follow).
function audioCodec(entry: Buffer): string {
  const esds = find(entry.subarray(28), ['esds'])
  if (!esds) throw new Error('no esds in the audio sample entry')
  let at = 4
  for (const wanted of [3, 4, 5]) {
    if (esds[at] !== wanted) return 'mp4a.40.2'
    at += 1
    while (esds[at]! & 0x80) at += 1
    at += 1
    if (wanted === 3) at += 3
    if (wanted === 4) at += 13
  }
  const first = esds[at]! >> 3
  const objectType = first === 31 ? 32 + (((esds[at]! & 7) << 3) | (esds[at + 1]! >> 5)) : first
  return `mp4a.40.${objectType}`
}

export type FragmentTimes = {
  /** Presentation time of the first picture (it is the keyframe) or sound, ticks. */
  start: number
  /** Presentation end of the last one, ticks. */
  end: number
  samples: number
}

export type Sample = {
  /** Ticks. */
  decoded: number
  shown: number
  duration: number
  bytes: number
  flags: number
}

/** When the samples of a `moof` with one track begin and end. */
export function readFragmentTimes(moof: Buffer): FragmentTimes {
  const times = { start: Number.POSITIVE_INFINITY, end: 0, samples: 0 }
  let last = Number.NEGATIVE_INFINITY
  for (const { shown, duration } of readSamples(moof)) {
    times.start = Math.min(times.start, shown)
    times.samples += 1
    if (shown > last) {
      last = shown
      times.end = shown + duration
    }
  }
  return times
}

/** Every sample of a `moof` with one track, in decoding order. */
export function readSamples(moof: Buffer): Sample[] {
  const traf = find(moof.subarray(8), ['traf'])
  const tfhd = traf && find(traf, ['tfhd'])
  const tfdt = traf && find(traf, ['tfdt'])
  if (!traf || !tfhd || !tfdt) throw new Error('a fragment without its times')
  const defaults = readDefaults(tfhd)
  const samples: Sample[] = []
  let decoded = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)
  for (const box of children(traf, 0, traf.length)) {
    if (box.type !== 'trun') continue
    for (const { offset, ...sample } of readRun(box.body, defaults)) {
      samples.push({ ...sample, decoded, shown: decoded + offset })
      decoded += sample.duration
    }
  }
  return samples
}

type Defaults = { duration: number; bytes: number; flags: number }

// Optional fields stand in the order of their flags.
function readDefaults(tfhd: Buffer): Defaults {
  const present = tfhd.readUInt32BE(0) & 0xffffff
  let at = 8 + (present & 0x1 ? 8 : 0) + (present & 0x2 ? 4 : 0)
  const next = (flag: number) => {
    if (!(present & flag)) return 0
    at += 4
    return tfhd.readUInt32BE(at - 4)
  }
  return { duration: next(0x8), bytes: next(0x10), flags: next(0x20) }
}

function* readRun(trun: Buffer, defaults: Defaults): Generator<Defaults & { offset: number }> {
  const present = trun.readUInt32BE(0) & 0xffffff
  const count = trun.readUInt32BE(4)
  let at = 8 + (present & 0x1 ? 4 : 0)
  const next = (flag: number, otherwise: number) => {
    if (!(present & flag)) return otherwise
    at += 4
    return trun.readUInt32BE(at - 4)
  }
  const firstFlags = next(0x4, defaults.flags)
  for (let i = 0; i < count; i += 1) {
    const duration = next(0x100, defaults.duration)
    const bytes = next(0x200, defaults.bytes)
    const flags = next(0x400, i === 0 ? firstFlags : defaults.flags)
    // Signed in version 1; an offset never reaches 2^31 in version 0.
    yield { duration, bytes, flags, offset: next(0x800, 0) | 0 }
  }
}

/** Where a box lies in a buffer of boxes, by its path. */
export function findBox(
  data: Buffer,
  path: string[],
  start = 0,
  end = data.length,
): { start: number; end: number } | null {
  for (let at = start; at + 8 <= end; ) {
    const size = data.readUInt32BE(at)
    if (size < 8 || at + size > end) return null
    if (data.toString('latin1', at + 4, at + 8) === path[0]) {
      return path.length === 1
        ? { start: at, end: at + size }
        : findBox(data, path.slice(1), at + 8, at + size)
    }
    at += size
  }
  return null
}
