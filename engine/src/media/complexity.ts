import type { Readable } from 'node:stream'
import { filterGraph } from '#engine/media/filter-graph.ts'
import { isMediaError } from '#engine/media/media-error.ts'
import type { Rung } from '#engine/media/plan.ts'
import type { VideoInfo } from '#engine/media/read-probe.ts'
import { runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'
import { rungEncoding } from '#engine/media/rung-encoding.ts'
import type { RunPlace } from '#engine/media/transcode.ts'

/** What a rung takes at the ladder's quality when no cap holds it, bits a second, by the rung's name. */
export type Needs = ReadonlyMap<string, { mean: number; peak: number }>

// One group of pictures each, at most 1.7 % of a film: less would not pay, more would delay the ladder.
const SAMPLE_SECONDS = 2
const SECONDS_PER_SAMPLE = 120
const MOST_SAMPLES = 6
const SHORTEST_SECONDS = 120
// All samples together; a source that is slower to decode gets the ladder that fits everything.
const DEADLINE_MS = 120_000

/**
 * Encodes a few short samples of a source at every rung, without caps. Null where the film is too short for this to
 * pay, and where it can't be done in time: nothing depends on it but bits.
 */
export async function measureNeeds(
  place: RunPlace,
  video: VideoInfo,
  durationSeconds: number,
  rungs: Rung[],
): Promise<Needs | null> {
  if (durationSeconds < SHORTEST_SECONDS || video.sparse || rungs.length === 0) return null
  const samples = Math.min(MOST_SAMPLES, Math.max(1, Math.floor(durationSeconds / SECONDS_PER_SAMPLE)))
  const deadline = Date.now() + DEADLINE_MS
  const rates: number[][] = []
  try {
    for (let n = 0; n < samples; n += 1) {
      const at = ((n + 0.5) / samples) * durationSeconds
      rates.push(await encodeSample(place, video, rungs, at, Math.max(1, deadline - Date.now())))
    }
  } catch (error) {
    // The ladder itself tells of damage; here it is one sample.
    place.signal.throwIfAborted()
    if (!isMediaError(error) && (error as Error).name !== 'FfmpegFailure') throw error
    return null
  }
  return new Map(rungs.map((rung, index) => [rung.name, summary(rates.map((sample) => sample[index]!))]))
}

const summary = (rates: number[]) => ({
  mean: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  peak: Math.max(...rates),
})

/** Bits a second of each rung. */
async function encodeSample(
  place: RunPlace,
  video: VideoInfo,
  rungs: Rung[],
  at: number,
  deadlineMs: number,
): Promise<number[]> {
  const bytes = rungs.map(() => 0)
  const length = ['-ss', at.toFixed(3), '-t', String(SAMPLE_SECONDS)]
  await runFfmpeg({
    command: place.ffmpegPath,
    args: [
      ...['-v', 'error', '-nostdin', ...SAFE_INPUT, ...length, '-i', `file:${place.sourcePath}`],
      ...['-filter_complex', filterGraph(video, rungs)],
      ...rungs.flatMap((_, index) => [
        ...['-map', `[v${index}]`, '-fps_mode', 'vfr', ...rungEncoding(), '-f', 'h264', `pipe:${index + 3}`],
      ]),
      ...['-progress', 'pipe:1'],
    ],
    signal: place.signal,
    deadlineMs,
    niceness: place.niceness,
    outputs: rungs.map((_, index) => async (stream: Readable) => {
      for await (const chunk of stream) bytes[index]! += chunk.length
    }),
  })
  return bytes.map((count) => (count * 8) / SAMPLE_SECONDS)
}
