const KiB = 1024
/** Chunks are multiples of 256 KiB: Google Cloud Storage and Mux refuse others. */
export const CHUNK_STEP = 256 * KiB
export const SMALLEST_CHUNK = 8 * KiB * KiB
export const LARGEST_CHUNK = 32 * KiB * KiB

const SECONDS_A_CHUNK = 6
const BACKOFF_CEILING_MS = 30_000
const WINDOW_MS = 12_000

/** Chunk size in bytes for a line of so many bytes a second: about six seconds' worth, 8 to 32 MiB. */
export function chunkSizeFor(bytesPerSecond: number | null): number {
  if (bytesPerSecond === null) return SMALLEST_CHUNK
  const wanted = Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, bytesPerSecond * SECONDS_A_CHUNK))
  return Math.floor(wanted / CHUNK_STEP) * CHUNK_STEP
}

/** Milliseconds before try number `attempt` (from 1): doubling from one second to thirty, half of it by chance. */
export function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(BACKOFF_CEILING_MS, 1000 * 2 ** (attempt - 1))
  return Math.round(full / 2 + (full / 2) * random())
}

/** Offset after `Range: bytes=0-N` (N + 1); null where the header is absent or strange. */
export function offsetFromRange(range: string | null): number | null {
  const end = range?.match(/^(?:bytes=)?0-(\d+)$/)?.[1]
  return end === undefined ? null : Number(end) + 1
}

/** Bytes a second over the last twelve seconds; forgets everything after a pause. */
export function createSpeedometer(now: () => number) {
  let samples: { at: number; bytes: number }[] = []
  return {
    reset() {
      samples = []
    },
    /** @param bytes total sent so far */
    note(bytes: number) {
      const at = now()
      samples.push({ at, bytes })
      const oldest = at - WINDOW_MS
      while (samples.length > 2 && (samples[1]?.at ?? at) < oldest) samples.shift()
    },
    bytesPerSecond(): number | null {
      const first = samples[0]
      const last = samples.at(-1)
      if (!first || !last || last.at - first.at < 400) return null
      return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at))
    },
  }
}
