import { measureNeeds } from '#engine/media/complexity.ts'
import { fitLadder } from '#engine/media/fit-ladder.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { type IngestWork, ladderProgress, placeOf } from '#engine/media/ingest-work.ts'
import type { MadeTrack } from '#engine/media/make-tracks.ts'
import type { Rung } from '#engine/media/plan.ts'
import { encodeRungs, type Sound } from '#engine/media/transcode.ts'

// Below, a second decode of the whole source costs less than what is made twice.
const SHORTEST_SECONDS = 45
// What a segment holds, and what a new run takes before its first picture.
const [SEGMENT_SECONDS, START_SECONDS] = [4, 0.7]
// Seconds of work that a second of pictures takes by the million pixels, relative to each other.
const [DECODE_COST, ENCODE_COST] = [1.6, 6.5]

export type Encoded = {
  tracks: MadeTrack[]
  /** Folders whose contents were taken over; to be removed once the tracks are known. */
  obsolete: string[]
}

/** The quick rung gave way to the whole ladder. */
class Widens extends Error {}

/**
 * Encodes what plays first, published while it grows. Once some of it is published, and where the whole ladder can be
 * made faster than it plays, one run with one decode makes all of it: it takes over what is published and goes on
 * behind it. Where it can't, the rest of the ladder follows on its own.
 */
export async function encodeWidening(
  work: IngestWork,
  rungs: Rung[],
  sounds: Sound[],
  onGrown: (renditions: RenditionResult[]) => Promise<void>,
): Promise<Encoded> {
  const { ctx, info } = work
  const names = [...rungs, ...sounds].map(({ name }) => name)
  const published = new Map(work.growing.map((rendition) => [rendition.name, rendition]))
  const widens = new AbortController()
  const began = ctx.clock().getTime()
  const watch = async (renditions: RenditionResult[]) => {
    await onGrown(renditions)
    for (const rendition of renditions) published.set(rendition.name, rendition)
    if (mayWiden(work, rungs, published, (ctx.clock().getTime() - began) / 1000)) widens.abort(new Widens())
  }
  try {
    const growth = { earlier: [...published.values()], names, onGrown: watch }
    const signal = AbortSignal.any([ctx.signal, widens.signal])
    const tracks = await encodeRungs({ ...placeOf(work, 3), signal, growth }, info, rungs, sounds)
    return { tracks, obsolete: work.growing.map(({ folder }) => folder) }
  } catch (error) {
    if (!(error instanceof Widens)) throw error
  }
  const earlier = [...published.values()]
  const obsolete = [...work.growing, ...earlier].map(({ folder }) => folder)
  return { tracks: await encodeLadder(work, { earlier, names, onGrown }), obsolete }
}

async function encodeLadder(
  work: IngestWork,
  growth: {
    earlier: RenditionResult[]
    names: string[]
    onGrown: (list: RenditionResult[]) => Promise<void>
  },
): Promise<MadeTrack[]> {
  const { ctx, info, plan } = work
  const place = placeOf(work, 5, ladderProgress(work))
  const needs = info.video && (await measureNeeds(place, info.video, info.durationSeconds, plan.ladder))
  const fitted = fitLadder(plan.ladder, needs, growth.earlier)
  // Its initialisation segment and its cap are out already.
  const rungs = fitted.map(
    (rung) => plan.ladder.find((one) => one.name === rung.name && growth.names.includes(one.name)) ?? rung,
  )
  const folderFor = (name: string) => `${ctx.prefix}${name}-all-${ctx.attempt}/`
  return await encodeRungs({ ...place, growth, folderFor }, info, rungs, work.sounds)
}

function mayWiden(
  { ctx, info, plan }: IngestWork,
  rungs: Rung[],
  published: Map<string, RenditionResult>,
  tookSeconds: number,
): boolean {
  const quick = rungs[0]
  const wider = plan.ladder.length > rungs.length && info.durationSeconds >= SHORTEST_SECONDS
  if (ctx.stage !== 'first' || !wider || !quick || !info.video) return false
  const segments = published.get(quick.name)?.segments ?? []
  const seconds = segments.reduce((sum, { duration }) => sum + duration, 0)
  const source = info.video.codedWidth * info.video.codedHeight * DECODE_COST
  const cost = (list: Rung[]) =>
    list.reduce((sum, { width, height }) => sum + width * height * ENCODE_COST, source)
  const speed = (seconds / tookSeconds) * (cost(rungs) / cost(plan.ladder))
  // A player lives on what is published until the wider run, from the beginning, has made one segment more.
  return speed > 1 && (seconds + SEGMENT_SECONDS) / speed + START_SECONDS < seconds
}
