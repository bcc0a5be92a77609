import { measureNeeds } from '#engine/media/complexity.ts'
import { finishGrowing, makePlayable } from '#engine/media/first-tracks.ts'
import { fitLadder } from '#engine/media/fit-ladder.ts'
import { makeStoryboard, TILE_BOX } from '#engine/media/images.ts'
import type { IngestContext, RenditionResult } from '#engine/media/ingest-context.ts'
import { beginWork, type IngestWork, ladderProgress, placeOf } from '#engine/media/ingest-work.ts'
import { planIngest } from '#engine/media/plan.ts'
import { probe } from '#engine/media/probe.ts'
import { encodeRungs } from '#engine/media/transcode.ts'

/**
 * Runs one stage of one asset's ingest (see IngestContext). Idempotent: what is in `finishedRenditions` is
 * not made again. Throws MediaError when the cause lies in the file; anything else may be tried again.
 */
export async function ingest(ctx: IngestContext): Promise<void> {
  const info = ctx.media ?? (await probe(ctx.sourcePath, ctx))
  if (!ctx.media) await ctx.onProbed(info)
  const work = beginWork(ctx, info, planIngest(info, ctx.maxHeight))
  await removeLeftovers(ctx)
  if (ctx.stage === 'first') {
    await makePlayable(work)
    await ctx.onPlayable()
    return
  }
  await finishGrowing(work)
  const video = smallestForTiles(work.finished)
  if (!ctx.images && video) {
    await ctx.onImages({ storyboard: await makeStoryboard(ctx, video, `${ctx.prefix}images/storyboard.jpg`) })
  }
  await makeLadder(work)
  await ctx.onDone()
}

/** Removes renditions that a killed attempt left unfinished, or that were made twice. */
async function removeLeftovers(ctx: IngestContext): Promise<void> {
  const known = new Set(ctx.finishedRenditions.map((rendition) => rendition.folder))
  const found = (await ctx.storage.list(ctx.prefix)).map((key) => key.slice(0, key.lastIndexOf('/') + 1))
  for (const folder of new Set(found)) {
    const rendition = /^[a-z0-9-]+-[A-Za-z0-9]{12}\/$/.test(folder.slice(ctx.prefix.length))
    if (rendition && !known.has(folder)) await ctx.storage.deletePrefix(folder)
  }
}

/** The cheapest rendition to decode that is no smaller than a tile; where none is, the largest there is. */
function smallestForTiles(renditions: RenditionResult[]): RenditionResult | undefined {
  const side = ({ width, height }: RenditionResult) => Math.max(width ?? 0, height ?? 0)
  const pictures = renditions.filter(({ kind }) => kind === 'video').toSorted((a, b) => side(a) - side(b))
  return pictures.find((rendition) => side(rendition) >= TILE_BOX) ?? pictures.at(-1)
}

async function makeLadder(work: IngestWork): Promise<void> {
  const { info, plan } = work
  const has = (name: string) => work.finished.some((rendition) => rendition.name === name)
  const missing = plan.ladder.filter((rung) => !has(rung.name))
  const needs =
    info.video && (await measureNeeds(placeOf(work, 10), info.video, info.durationSeconds, missing))
  const rungs = fitLadder(plan.ladder, needs, work.finished).filter((rung) => !has(rung.name))
  const primary = plan.audio !== null && !has('audio') && (plan.audio.interim || !has('source-audio'))
  const sounds = work.sounds.filter(({ name }) => (name === 'audio' ? primary : !has(name)))
  if (rungs.length === 0 && sounds.length === 0) return
  await work.report(await encodeRungs(placeOf(work, 10, ladderProgress(work)), info, rungs, sounds))
}
