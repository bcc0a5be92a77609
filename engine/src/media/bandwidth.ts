import type { IFrame } from '#engine/media/ingest-context.ts'

/** Seconds and bytes of one media segment. */
export type SegmentSize = { duration: number; bytes: number }

/** EXT-X-TARGETDURATION: no segment, rounded to the nearest second, may be longer (RFC 8216bis 4.4.3.1). */
export function targetDuration(segments: SegmentSize[]): number {
  return Math.max(1, ...segments.map((segment) => Math.round(segment.duration)))
}

/**
 * Measured BANDWIDTH and AVERAGE-BANDWIDTH in bits a second (RFC 8216bis 4.4.6.2): the peak is the largest
 * rate of any run of segments that lasts 0.5 to 1.5 target durations, and of any one segment that long.
 */
export function measureBandwidth(segments: SegmentSize[]): { bandwidth: number; averageBandwidth: number } {
  const target = targetDuration(segments)
  let peak = 0
  let bytes = 0
  let seconds = 0
  segments.forEach((first, index) => {
    bytes += first.bytes
    seconds += first.duration
    let runBytes = 0
    let runSeconds = 0
    for (let i = index; i < segments.length && runSeconds < 1.5 * target; i += 1) {
      runBytes += segments[i]!.bytes
      runSeconds += segments[i]!.duration
      const counts = runSeconds >= 0.5 * target || segments.length === 1
      if (counts && runSeconds <= 1.5 * target) peak = Math.max(peak, (runBytes * 8) / runSeconds)
    }
  })
  const average = (bytes * 8) / seconds
  return { bandwidth: Math.ceil(Math.max(peak, average)), averageBandwidth: Math.ceil(average) }
}

/** The same for a rendition's keyframes played alone at the film's speed; null without any. */
export function measureIframes(iframes: IFrame[]) {
  if (iframes.length === 0) return null
  return measureBandwidth(iframes.map(([, , bytes, duration]) => ({ duration, bytes })))
}
