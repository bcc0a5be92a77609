import { takeEncodeTurn } from '#engine/media/encode-turns.ts'
import { encodeWidening } from '#engine/media/encode-widening.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { type IngestWork, placeOf, soundFirst } from '#engine/media/ingest-work.ts'
import type { MadeTrack } from '#engine/media/make-tracks.ts'
import { MediaError, TRUNCATED } from '#engine/media/media-error.ts'
import { type IngestPlan, type Rung, remuxedIsRung } from '#engine/media/plan.ts'
import { encodeRungs, endsEarly, remux, type Sound } from '#engine/media/transcode.ts'

/**
 * Makes what plays first: the source's own packets where they can be taken, else the quick rung, and sound.
 * What is encoded can be played while it grows; then this tells so and returns when it is whole.
 */
export async function makePlayable(work: IngestWork): Promise<void> {
  const { info, plan } = work
  if (isPlayable(work, work.finished)) return
  const copied = plan.first === 'remux' && work.growing.length === 0 ? await tryRemux(work) : []
  const kinds = new Set([...copied, ...work.finished].map((track) => track.kind))
  const rungs = kinds.has('video') || !plan.quick ? [] : [plan.quick]
  const sounds = kinds.has('audio') || !info.audio ? [] : work.sounds.slice(0, 1)
  if (rungs.length > 0 || sounds.length > 0) await encodeGrowing(work, rungs, sounds, copied)
  else await work.report(copied)
}

/** Goes on with what an attempt that was killed had published a part of. */
export async function finishGrowing(work: IngestWork): Promise<void> {
  const grows = ({ name }: { name: string }) => work.growing.some((rendition) => rendition.name === name)
  const [rungs, sounds] = [work.plan.ladder.filter(grows), work.sounds.filter(grows)]
  if (rungs.length > 0 || sounds.length > 0) await encodeGrowing(work, rungs, sounds, [])
}

function isPlayable({ info }: IngestWork, renditions: RenditionResult[]): boolean {
  const kinds = new Set(renditions.map((rendition) => rendition.kind))
  return (!info.video || kinds.has('video')) && (!info.audio || kinds.has('audio') || kinds.has('video'))
}

/** `copied` waits for the sound that goes with it. */
async function encodeGrowing(
  work: IngestWork,
  rungs: Rung[],
  sounds: Sound[],
  copied: MadeTrack[],
): Promise<void> {
  const { ctx, info } = work
  // What was meant to be remuxed has waited long enough, and is rare.
  const waits = ctx.stage === 'first' && work.plan.first === 'encode'
  const endTurn = waits ? takeEncodeTurn() : () => undefined
  let playable = false
  const onGrown = async (renditions: RenditionResult[]) => {
    for (const rendition of soundFirst(renditions)) await ctx.onRendition(rendition)
    if (playable) return
    playable = true
    await work.report(copied)
    if (ctx.stage === 'first') await ctx.onPlayable()
  }
  try {
    const { tracks, obsolete } = info.video?.sparse
      ? // Pictures that may stand for long make segments of any length, which a playlist that grows cannot promise.
        { tracks: await encodeRungs(placeOf(work, 3), info, rungs, sounds), obsolete: [] }
      : await encodeWidening(work, rungs, sounds, onGrown)
    await work.report([...copied, ...tracks])
    for (const folder of obsolete) await ctx.storage.deletePrefix(folder)
  } finally {
    endTurn()
  }
}

/** Empty if the packets can't be taken as they are, and encoding may still do. */
async function tryRemux(work: IngestWork): Promise<MadeTrack[]> {
  const { ctx, info, plan } = work
  const made = await remux(placeOf(work, 1), info, plan.audio).catch((error: Error) => {
    if (error.name !== 'NotSegmentable' && error.name !== 'FfmpegFailure') throw error
    ctx.log.info(
      { assetId: ctx.assetId, reason: error.message },
      'source cannot be remuxed, encoding instead',
    )
    return null
  })
  if (!made) return []
  const video = made.tracks.find((track) => track.kind === 'video')
  const drift = video ? video.duration - info.durationSeconds : 0
  const broken = info.video ? !video || drift > 0.5 : made.tracks.length === 0
  const early = !broken && endsEarly(info, made)
  if (!broken && !early) return made.tracks.map((track) => settleName(track, plan, ctx.maxHeight))
  for (const track of made.tracks) await ctx.storage.deletePrefix(track.folder)
  if (early) throw new MediaError('truncated', TRUNCATED, 'shorter than it says')
  return []
}

/** A remuxed picture that may stay takes the name and place of the ladder's top rung. */
function settleName(track: MadeTrack, plan: IngestPlan, maxHeight: number): MadeTrack {
  const top = plan.ladder[0]
  if (track.kind !== 'video' || !top) return track
  const size = { ...track, width: track.width!, height: track.height!, frameRate: track.frameRate! }
  return remuxedIsRung(size, top, maxHeight) ? { ...track, name: top.name } : track
}
