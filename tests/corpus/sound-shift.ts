/** Samples a second of the sound that is compared: an eighth of a millisecond is told apart. */
export const COMPARED_RATE = 8000
const WINDOW = 2 * COMPARED_RATE
const MOST_LAG = 0.5 * COMPARED_RATE
// Below this (of 32768) a window holds nothing to recognise; beneath this likeness it is another sound.
const SILENT_RMS = 20
const ALIKE = 0.5

/**
 * By how many seconds `delivered` is later than `source`, by cross-correlation at the liveliest two seconds of
 * the first, the middle and the last third. Windows without anything to recognise are left out.
 */
export function soundShifts(source: Int16Array, delivered: Int16Array): number[] {
  const third = Math.floor(source.length / 3)
  const starts = third >= WINDOW ? [0, 1, 2].map((n) => liveliest(source, n * third, (n + 1) * third)) : [0]
  return starts.flatMap((start) => {
    const window = source.subarray(start, Math.min(start + WINDOW, source.length))
    if (rms(window) < SILENT_RMS) return []
    const lag = bestLag(window, delivered, start)
    return lag === null ? [] : [lag / COMPARED_RATE]
  })
}

function liveliest(source: Int16Array, from: number, to: number): number {
  let best = { start: from, rms: -1 }
  for (let start = from; start + WINDOW <= to; start += WINDOW / 4) {
    const level = rms(source.subarray(start, start + WINDOW))
    if (level > best.rms) best = { start, rms: level }
  }
  return best.start
}

function bestLag(window: Int16Array, delivered: Int16Array, start: number): number | null {
  const scores = new Float64Array(2 * MOST_LAG + 1)
  for (let lag = -MOST_LAG; lag <= MOST_LAG; lag += 1) {
    scores[lag + MOST_LAG] = likeness(window, delivered, start + lag)
  }
  const top = Math.max(...scores)
  if (top < ALIKE) return null
  // A steady tone is alike at each of its waves: the nearest one counts.
  let best = Number.POSITIVE_INFINITY
  scores.forEach((score, index) => {
    const lag = index - MOST_LAG
    const peak = score >= (scores[index - 1] ?? -1) && score >= (scores[index + 1] ?? -1)
    if (peak && score > top * 0.98 && Math.abs(lag) < Math.abs(best)) best = lag
  })
  return best
}

/** Normalised: 1 for the same wave at any volume. */
function likeness(window: Int16Array, other: Int16Array, start: number): number {
  let [product, one, two] = [0, 0, 0]
  for (let i = 0; i < window.length; i += 1) {
    const [a, b] = [window[i]!, other[start + i] ?? 0]
    product += a * b
    one += a * a
    two += b * b
  }
  return one && two ? product / Math.sqrt(one * two) : 0
}

function rms(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, samples.length))
}
