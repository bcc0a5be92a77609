const HALF_HOUR_MS = 30 * 60_000
const UNKNOWN_LENGTH_MS = 2 * 3600_000
const PER_SECOND_OF_VIDEO_MS = 20_000
const CAP_MS = 48 * 3600_000

/** How long one attempt may take: half an hour and twenty times the video's length; two hours before the probe. */
export function ingestBudgetMs(durationSeconds: number | null): number {
  if (durationSeconds === null) return UNKNOWN_LENGTH_MS
  return Math.min(CAP_MS, HALF_HOUR_MS + durationSeconds * PER_SECOND_OF_VIDEO_MS)
}
