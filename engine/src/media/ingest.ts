import { makeStoryboard } from '#engine/media/images.ts'
import type { IngestContext, MediaInfo, RenditionResult } from '#engine/media/ingest-context.ts'
import type { MadeTrack } from '#engine/media/make-tracks.ts'
import { MediaError, TRUNCATED } from '#engine/media/media-error.ts'
import { type IngestPlan, planIngest, remuxedIsRung } from '#engine/media/plan.ts'
import { probe } from '#engine/media/probe.ts'
import { encodeRungs, endsEarly, type RunPlace, remux } from '#engine/media/transcode.ts'

/**
 * Runs one stage of one asset's ingest (see IngestContext). Idempotent: what is in `finishedRenditions` is
 * not made again. Throws MediaError when the cause lies in the file; anything else may be tried again.
 */
export async function ingest(ctx: IngestContext): Promise<void> {
  const info = ctx.media ?? (await probe(ctx.sourcePath, ctx))
  if (!ctx.media) await ctx.onProbed(info)
  const plan = planIngest(info, ctx.maxHeight)
  const finished = [...ctx.finishedRenditions]
  const report = async (tracks: MadeTrack[]) => {
    // Sound first: a picture that is known has its sound, if it has any.
    for (const track of tracks.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
      if (finished.some((rendition) => rendition.name === track.name)) continue
      const { duration: _, samples: __, ...rendition } = track
      await ctx.onRendition(rendition)
      finished.push(rendition)
    }
  }
  await removeLeftovers(ctx, finished)
  if (ctx.stage === 'first') {
    if (!isPlayable(info, finished)) await report(await firstTracks(ctx, info, plan))
    await ctx.onPlayable()
    return
  }
  const video = finished.find((rendition) => rendition.kind === 'video')
  if (!ctx.images && video) {
    await ctx.onImages({ storyboard: await makeStoryboard(ctx, video, `${ctx.prefix}images/storyboard.jpg`) })
  }
  await makeLadder(ctx, info, plan, finished, report)
  await ctx.onDone()
}

/** Removes renditions that a killed attempt left unfinished, or that were made twice. */
async function removeLeftovers(ctx: IngestContext, finished: RenditionResult[]): Promise<void> {
  const known = new Set(finished.map((rendition) => rendition.folder))
  const found = (await ctx.storage.list(ctx.prefix)).map((key) => key.slice(0, key.lastIndexOf('/') + 1))
  for (const folder of new Set(found)) {
    const rendition = /^[a-z0-9-]+-[A-Za-z0-9]{12}\/$/.test(folder.slice(ctx.prefix.length))
    if (rendition && !known.has(folder)) await ctx.storage.deletePrefix(folder)
  }
}

function isPlayable(info: MediaInfo, finished: RenditionResult[]): boolean {
  const kinds = new Set(finished.map((rendition) => rendition.kind))
  return (!info.video || kinds.has('video')) && (!info.audio || kinds.has('audio') || kinds.has('video'))
}

async function firstTracks(ctx: IngestContext, info: MediaInfo, plan: IngestPlan): Promise<MadeTrack[]> {
  if (plan.first === 'remux') {
    const made = await tryRemux(ctx, info, plan)
    if (made) return made
  }
  return await encodeRungs(place(ctx, info, 3), info, plan.quick ? [plan.quick] : [], plan.audio !== null)
}

/** Null if the packets can't be taken as they are, and encoding may still do. */
async function tryRemux(ctx: IngestContext, info: MediaInfo, plan: IngestPlan): Promise<MadeTrack[] | null> {
  const where = place(ctx, info, 1)
  const made = await remux(where, info, plan.audio).catch((error: Error) => {
    if (error.name !== 'NotSegmentable' && error.name !== 'FfmpegFailure') throw error
    ctx.log.info(
      { assetId: ctx.assetId, reason: error.message },
      'source cannot be remuxed, encoding instead',
    )
    return null
  })
  if (!made) return null
  const video = made.tracks.find((track) => track.kind === 'video')
  const drift = video ? video.duration - info.durationSeconds : 0
  const broken = info.video ? !video || drift > 0.5 : made.tracks.length === 0
  const early = !broken && endsEarly(info, made)
  if (!broken && !early) return made.tracks.map((track) => settleName(track, plan, ctx.maxHeight))
  for (const track of made.tracks) await ctx.storage.deletePrefix(track.folder)
  if (early) throw new MediaError('truncated', TRUNCATED, 'shorter than it says')
  return null
}

/** A remuxed picture that may stay takes the name and place of the ladder's top rung. */
function settleName(track: MadeTrack, plan: IngestPlan, maxHeight: number): MadeTrack {
  const top = plan.ladder[0]
  if (track.kind !== 'video' || !top) return track
  const size = { ...track, width: track.width!, height: track.height!, frameRate: track.frameRate! }
  return remuxedIsRung(size, top, maxHeight) ? { ...track, name: top.name } : track
}

async function makeLadder(
  ctx: IngestContext,
  info: MediaInfo,
  plan: IngestPlan,
  finished: RenditionResult[],
  report: (tracks: MadeTrack[]) => Promise<void>,
): Promise<void> {
  const has = (name: string) => finished.some((rendition) => rendition.name === name)
  const rungs = plan.ladder.filter((rung) => !has(rung.name))
  const audio = plan.audio !== null && !has('audio') && (plan.audio.interim || !has('source-audio'))
  if (rungs.length === 0 && !audio) return
  let reported = 0
  const where = place(ctx, info, 10, (seconds) => {
    const percent = Math.min(99, Math.floor((seconds / info.durationSeconds) * 100))
    if (percent <= reported) return
    reported = percent
    ctx.onProgress(percent).catch((error) => ctx.log.warn({ err: error }, 'progress was not recorded'))
  })
  await report(await encodeRungs(where, info, rungs, audio))
}

/** The whole run may take an hour plus two minutes for each second; a run that stands still ends sooner. */
function place(
  ctx: IngestContext,
  info: MediaInfo,
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
    onProgress: onSeconds && ((progress) => onSeconds(progress.seconds)),
    folderFor: (name) => `${ctx.prefix}${name}-${ctx.attempt}/`,
  }
}
