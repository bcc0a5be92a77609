/** What was played, as arithmetic: no database, no clock. Times are whole milliseconds of media. */

/** A stretch that was really played, not seeked over. */
export type Segment = readonly [fromMs: number, toMs: number]

/** Fastest playback that the player offers. */
export const MOST_RATE = 2
/** Slack for clocks and for the way of a report. */
const GRACE_MS = 3000
/** Playing that may be reported late, after a lost connection: more than any player buffers. */
const MOST_CREDIT_MS = 20 * 60_000

const LEAST_PARTS = 100
const MOST_PARTS = 600
const PART_MS = 10_000

/** How many parts a video is counted in: one for ten seconds, at least a hundred, at most six hundred. */
export function countParts(durationMs: number): number {
  return Math.min(MOST_PARTS, Math.max(LEAST_PARTS, Math.ceil(durationMs / PART_MS)))
}

/** Where part `index` begins; that of the last part plus one is the end. */
export function startOfPart(index: number, count: number, durationMs: number): number {
  return Math.floor((index * durationMs) / count)
}

const MOST_MS_A_PART = 2 ** 31 - 1

/**
 * Adds what was played to its parts. Every millisecond falls into exactly one part, so that the sum of the parts is
 * what was played; stretches that overlap count each time.
 */
export function addSegments(
  parts: readonly number[],
  durationMs: number,
  segments: readonly Segment[],
): number[] {
  const sum = [...parts]
  const count = sum.length
  for (const [from, to] of segments.map((segment) => clamp(segment, durationMs))) {
    let at = from
    for (let part = partAt(from, count, durationMs); at < to && part < count; part += 1) {
      const end = Math.min(to, startOfPart(part + 1, count, durationMs))
      sum[part] = Math.min(MOST_MS_A_PART, (sum[part] ?? 0) + end - at)
      at = end
    }
  }
  return sum
}

const clamp = ([from, to]: Segment, durationMs: number): Segment => [
  Math.min(Math.max(0, from), durationMs),
  Math.min(Math.max(0, to), durationMs),
]

function partAt(ms: number, count: number, durationMs: number): number {
  let part = Math.floor((ms * count) / durationMs)
  // Rounding of the bounds may have put the millisecond next door.
  while (part > 0 && startOfPart(part, count, durationMs) > ms) part -= 1
  while (part < count - 1 && startOfPart(part + 1, count, durationMs) <= ms) part += 1
  return part
}

/** Milliseconds that stretches last, all together. */
export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0)
}

/** Playing that may be claimed now: it grows with the time that passes, at the fastest rate, and is bounded. */
export function creditAfter(creditMs: number, elapsedMs: number): number {
  return Math.min(MOST_CREDIT_MS, creditMs + Math.max(0, Math.floor(elapsedMs)) * MOST_RATE)
}

/** Credit of a view that began `elapsedMs` ago and has reported nothing. */
export const firstCredit = (elapsedMs: number) => creditAfter(GRACE_MS, elapsedMs)

/** One player of a viewer, and which of its batches were counted: the newest, and a bit for each of 30 before it. */
export type Run = { run: string; seq: number; mask: number }

const MOST_RUNS = 8
const REMEMBERED = 30

/**
 * Marks a batch as counted. Null where it was counted before, or is so old that nobody knows. Batches may overtake
 * each other; of many players the least recent ones are forgotten.
 */
export function markBatch(runs: readonly Run[], run: string, seq: number): Run[] | null {
  const others = runs.filter((known) => known.run !== run)
  const known = runs.find((candidate) => candidate.run === run)
  if (!known) return [...others, { run, seq, mask: 0 }].slice(-MOST_RUNS)
  const back = known.seq - seq
  if (back === 0 || back > REMEMBERED) return null
  if (back > 0) {
    const bit = 1 << (back - 1)
    return (known.mask & bit) !== 0 ? null : [...others, { ...known, mask: known.mask | bit }]
  }
  const ahead = -back
  const shifted =
    ahead > REMEMBERED ? 0 : ((known.mask << ahead) | (1 << (ahead - 1))) & (2 ** REMEMBERED - 1)
  return [...others, { run, seq, mask: shifted }]
}

/** How much of a video somebody has seen, from 0 to 1: each part once, however often it was played. */
export function fractionSeen(parts: readonly number[], durationMs: number): number {
  return durationMs > 0 ? seenOf(parts, durationMs) / durationMs : 0
}

/** The same in milliseconds. */
export function seenOf(parts: readonly number[], durationMs: number): number {
  const count = parts.length
  return parts.reduce((sum, ms, part) => sum + Math.min(ms, lengthOfPart(part, count, durationMs)), 0)
}

function lengthOfPart(part: number, count: number, durationMs: number): number {
  return startOfPart(part + 1, count, durationMs) - startOfPart(part, count, durationMs)
}

/** One stretch of the strip: how many people saw it, and how often it was played again beside. */
export type Heat = {
  fromSeconds: number
  toSeconds: number
  viewers: number
  replays: number
  playedSeconds: number
}

/**
 * The strip of a video over everybody's parts. Who played at least half of a stretch has seen it; what one person
 * played beyond its length is playing again.
 * @param stretches how many; a divisor of the parts' number is not needed
 */
export function heatOf(
  people: readonly (readonly number[])[],
  durationMs: number,
  stretches: number,
): Heat[] {
  return Array.from({ length: stretches }, (_, index) => {
    const from = startOfPart(index, stretches, durationMs)
    const to = startOfPart(index + 1, stretches, durationMs)
    const played = people.map((parts) => playedBetween(parts, durationMs, from, to))
    const length = Math.max(1, to - from)
    return {
      fromSeconds: from / 1000,
      toSeconds: to / 1000,
      viewers: played.filter((ms) => ms >= length / 2).length,
      replays: round(played.reduce((sum, ms) => sum + Math.max(0, ms - length), 0) / length),
      playedSeconds: round(played.reduce((sum, ms) => sum + ms, 0) / 1000),
    }
  })
}

const round = (value: number) => Math.round(value * 1000) / 1000

/** Milliseconds played between two places; a part that lies in both is divided by length. */
function playedBetween(parts: readonly number[], durationMs: number, from: number, to: number): number {
  const count = parts.length
  let sum = 0
  for (let part = partAt(from, count, durationMs); part < count; part += 1) {
    const start = startOfPart(part, count, durationMs)
    if (start >= to) break
    const end = startOfPart(part + 1, count, durationMs)
    const share = (Math.min(end, to) - Math.max(start, from)) / Math.max(1, end - start)
    sum += (parts[part] ?? 0) * Math.max(0, share)
  }
  return sum
}

/** Adds up the parts of one person's sessions; a session that counted in another number of parts is left out. */
export function sumParts(sessions: readonly (readonly number[])[]): number[] {
  const count = Math.max(0, ...sessions.map((parts) => parts.length))
  return Array.from({ length: count }, (_, part) =>
    sessions.reduce((sum, parts) => sum + (parts.length === count ? (parts[part] ?? 0) : 0), 0),
  )
}
