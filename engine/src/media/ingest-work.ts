import type { IngestContext, MediaInfo, RenditionResult } from '#engine/media/ingest-context.ts'
import type { MadeTrack } from '#engine/media/make-tracks.ts'
import type { IngestPlan } from '#engine/media/plan.ts'
import { type RunPlace, type Sound, soundsOf } from '#engine/media/transcode.ts'

/** One attempt's stage under way. */
export type IngestWork = {
  ctx: IngestContext
  info: MediaInfo
  plan: IngestPlan
  /** Every track of sound that the source has, the primary first. */
  sounds: Sound[]
  /** Whole renditions, of earlier attempts too. */
  finished: RenditionResult[]
  /** What earlier attempts published of renditions that are not whole yet. */
  growing: RenditionResult[]
  /** Tells of whole renditions, of each once. */
  report(tracks: MadeTrack[]): Promise<void>
}

export function beginWork(ctx: IngestContext, info: MediaInfo, plan: IngestPlan): IngestWork {
  const finished = ctx.finishedRenditions.filter((rendition) => !rendition.growing)
  return {
    ctx,
    info,
    plan,
    sounds: soundsOf(info),
    finished,
    growing: ctx.finishedRenditions.filter((rendition) => rendition.growing),
    async report(tracks) {
      for (const track of soundFirst(tracks)) {
        if (finished.some((rendition) => rendition.name === track.name)) continue
        const { duration: _, samples: __, ...rendition } = track
        await ctx.onRendition(rendition)
        finished.push(rendition)
      }
    },
  }
}

/** A picture that is known has its sound, if it has any. */
export const soundFirst = <Track extends { kind: string }>(tracks: Track[]): Track[] =>
  tracks.toSorted((a, b) => a.kind.localeCompare(b.kind))

// The timeline's own ten seconds, and what a file's length is off by.
const LENGTH_SLACK_SECONDS = 60

/** The whole run may take an hour plus two minutes for each second; a run that stands still ends sooner. */
export function placeOf(
  { ctx, info }: IngestWork,
  niceness: number,
  onSeconds?: (seconds: number) => void,
): RunPlace {
  return {
    ffmpegPath: ctx.ffmpegPath,
    sourcePath: ctx.sourcePath,
    storage: ctx.storage,
    signal: ctx.signal,
    deadlineMs: 3600_000 + info.durationSeconds * 120_000,
    niceness,
    cwd: ctx.workFolder,
    mostSeconds: ctx.maxDurationSeconds + LENGTH_SLACK_SECONDS,
    onProgress: onSeconds && ((progress) => onSeconds(progress.seconds)),
    folderFor: (name) => `${ctx.prefix}${name}-${ctx.attempt}/`,
  }
}

/** Reports how far the ladder is, in whole per cent of the source. */
export function ladderProgress({ ctx, info }: IngestWork): (seconds: number) => void {
  let reported = 0
  return (seconds) => {
    const percent = Math.min(99, Math.floor((seconds / info.durationSeconds) * 100))
    if (percent <= reported) return
    reported = percent
    ctx.onProgress(percent).catch((error) => ctx.log.warn({ err: error }, 'progress was not recorded'))
  }
}
