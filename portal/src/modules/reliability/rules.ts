/** Upper ends of the histogram's classes in milliseconds; what is longer is in one class more. */
export const CLASS_ENDS_MS = [
  0, 10, 25, 50, 100, 200, 400, 600, 800, 1000, 2000, 5000, 30_000, 60_000, 120_000, 300_000, 900_000,
]

export type Histogram = {
  count: number
  p50: number | null
  p99: number | null
  max: number | null
  boundMs: number
  /** How many took longer than the bound. */
  beyond: number
  /** From the first class to the last that holds any, and at least to the one of the bound. */
  classes: { upToMs: number | null; count: number; beyond: boolean }[]
}

/** Sorts times into classes; percentiles are times that occurred (nearest rank). Pure. */
export function histogramOf(timesMs: number[], boundMs: number): Histogram {
  const sorted = timesMs.toSorted((a, b) => a - b)
  const rank = (percent: number) =>
    sorted.length === 0 ? null : (sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null)
  const max = sorted.at(-1) ?? null
  const ends = [...CLASS_ENDS_MS, null]
  const shownTo = Math.max(max ?? 0, boundMs)
  const last = ends.findIndex((end) => end === null || end >= shownTo)
  const classes = ends.slice(0, last + 1).map((upToMs, index) => {
    const from = index === 0 ? -1 : (ends[index - 1] as number)
    return {
      upToMs,
      count: sorted.filter((ms) => ms > from && (upToMs === null || ms <= upToMs)).length,
      beyond: from >= boundMs,
    }
  })
  const beyond = sorted.filter((ms) => ms > boundMs).length
  return { count: sorted.length, p50: rank(50), p99: rank(99), max, boundMs, beyond, classes }
}

/**
 * What may differ between here and the video service, and what is done about it. `bounded`: it ends or deletes
 * something, so that a run that finds too much of it asks a person. `graceHours`: from when it was first seen.
 */
export const FINDING_KINDS = {
  event_missing: { act: 'backfill', bounded: false, graceHours: 0 },
  state_behind: { act: 'settle', bounded: false, graceHours: 0 },
  upload_over: { act: 'settle', bounded: false, graceHours: 0 },
  upload_gone: { act: 'settle', bounded: true, graceHours: 0 },
  asset_gone: { act: 'end_video', bounded: true, graceHours: 0 },
  upload_orphan: { act: 'cancel_upload', bounded: true, graceHours: 24 },
  asset_orphan: { act: 'delete_asset', bounded: true, graceHours: 24 },
  asset_extra: { act: 'delete_asset', bounded: true, graceHours: 24 },
  asset_undeleted: { act: 'remove_again', bounded: false, graceHours: 1 },
  asset_unmarked: { act: 'report', bounded: false, graceHours: 0 },
  playback_id_missing: { act: 'replace_playback_id', bounded: true, graceHours: 0 },
  playback_id_extra: { act: 'delete_playback_id', bounded: true, graceHours: 24 },
  playback_id_public: { act: 'settle', bounded: false, graceHours: 0 },
  track_missing: { act: 'note_track', bounded: false, graceHours: 0 },
  track_extra: { act: 'note_track', bounded: false, graceHours: 0 },
  track_failed: { act: 'report', bounded: false, graceHours: 0 },
  object_refused: { act: 'report', bounded: false, graceHours: 0 },
} as const satisfies Record<string, { act: string; bounded: boolean; graceHours: number }>

export type FindingKind = keyof typeof FINDING_KINDS
export const findingKinds = Object.keys(FINDING_KINDS) as FindingKind[]

/** Ends and deletions that one run may do by itself: so many, and so much of what it compared. */
export const MOST_DELETIONS = 100
const MOST_PERCENT = 5
/** Of a small installation a few percent are less than one. */
const ALWAYS_ALLOWED = 10

/** Whether so many ends and deletions, of so many objects that were compared, need a person. */
export function needsPerson(deletions: number, compared: number): boolean {
  if (deletions <= ALWAYS_ALLOWED) return false
  return deletions > MOST_DELETIONS || deletions * 100 > compared * MOST_PERCENT
}
