import { filterGraph } from '#engine/media/filter-graph.ts'
import {
  type MadeTrack,
  type MadeTracks,
  makeTracks,
  type TrackOutput,
  type TrackRun,
} from '#engine/media/make-tracks.ts'
import { DAMAGED, MediaError, TRUNCATED } from '#engine/media/media-error.ts'
import { type AudioInfo, heldSeconds, type MediaInfo, type VideoInfo } from '#engine/media/media-info.ts'
import type { AudioPlan, Rung } from '#engine/media/plan.ts'
import { explain } from '#engine/media/probe.ts'
import { rungEncoding } from '#engine/media/rung-encoding.ts'

/** Where a run reads, writes and reports; its graph and outputs follow from what it makes. */
export type RunPlace = Omit<TrackRun, 'graph' | 'outputs'> & {
  /** Storage folder of a rendition by its name, ends in '/'. */
  folderFor: (name: string) => string
}

// Two seconds after the last forced keyframe, so irregular frame times never force several in a row.
const KEYFRAMES = 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1.99))'

/**
 * Encodes the rungs, and sound as stereo AAC, in one ffmpeg run with one decode. Keyframes fall on the same
 * pictures in every rung. Throws MediaError when the source can't be decoded or ends early.
 */
export async function encodeRungs(
  place: RunPlace,
  info: MediaInfo,
  rungs: Rung[],
  sounds: Sound[],
): Promise<MadeTrack[]> {
  const video = info.video
  const outputs = video ? rungs.map((rung, index) => videoOutput(place, video, rung, index)) : []
  outputs.push(...sounds.map((sound) => encodedAudio(place, sound, info)))
  const graph =
    video && rungs.length > 0 ? ['-filter_complex', filterGraph(video, rungs, heldSeconds(info))] : []
  const made = await makeTracks({ ...place, graph, outputs }).catch((error) => {
    throw explain(error)
  })
  await refuseIncomplete(place, info, outputs, made)
  return made.tracks
}

/**
 * Copies the source's own packets, of the sound too if they can be taken: seconds for hours of video.
 * Throws NotSegmentable without keyframes.
 */
export async function remux(place: RunPlace, info: MediaInfo, audio: AudioPlan | null): Promise<MadeTracks> {
  const outputs: TrackOutput[] = []
  if (info.video) {
    const args = ['-map', `0:${info.video.index}`, '-c:v', 'copy', '-tag:v', 'avc1']
    outputs.push({
      name: 'source',
      kind: 'video',
      args,
      channels: null,
      language: null,
      folder: place.folderFor('source'),
    })
  }
  if (info.audio && audio?.first === 'copy') {
    const name = audio.interim ? 'source-audio' : 'audio'
    const args = ['-map', `0:${info.audio.index}`, '-c:a', 'copy']
    const { channels, language } = info.audio
    outputs.push({ name, kind: 'audio', args, channels, language, folder: place.folderFor(name) })
  }
  return await makeTracks({ ...place, graph: [], outputs })
}

/** Seconds at the highest rate that the encoder's buffer holds: what a segment may cost beyond its length. */
const BUFFER_SECONDS = 1.5
// Of a segment of four seconds, with the container's own bytes.
const PEAK = 1 + BUFFER_SECONDS / 4 + 0.025

function videoOutput(place: RunPlace, video: VideoInfo, rung: Rung, index: number): TrackOutput {
  const args = [
    ...['-map', `[v${index}]`, '-fps_mode', 'vfr'],
    // An encoder clock of one tick a frame would round the times of irregular frames, and of a late first one.
    ...((video.variableFrameRate || video.startSeconds !== 0) && !rung.frameRateCap
      ? ['-enc_time_base', '1:90000']
      : []),
    ...rungEncoding(),
    ...[
      '-maxrate',
      String(rung.maxBitRate),
      '-bufsize',
      String(Math.round(rung.maxBitRate * BUFFER_SECONDS)),
    ],
    ...['-g', '100000', '-keyint_min', '1', '-sc_threshold', '0'],
    ...['-forced-idr', '1', '-force_key_frames', KEYFRAMES],
    // Reordering delays the first picture; far apart ones would delay it by more than the timeline allows.
    ...(video.sparse ? ['-bf', '0'] : []),
  ]
  return {
    name: rung.name,
    kind: 'video',
    args,
    channels: null,
    language: null,
    folder: place.folderFor(rung.name),
    expected: {
      bandwidth: Math.round(rung.maxBitRate * PEAK),
      averageBandwidth: rung.maxBitRate,
      frameRate: Math.min(video.frameRate, rung.frameRateCap ?? video.frameRate),
    },
  }
}

/** A track of sound and the name of its rendition. */
export type Sound = { name: string; audio: AudioInfo }

/** The primary track as `audio`, then the source's further ones as `audio-1`, `audio-2`, … in their order. */
export function soundsOf({ audio, audios = [] }: MediaInfo): Sound[] {
  if (!audio) return []
  const further = audios.filter(({ index }) => index !== audio.index)
  return [{ name: 'audio', audio }, ...further.map((one, at) => ({ name: `audio-${at + 1}`, audio: one }))]
}

function encodedAudio(place: RunPlace, { name, audio }: Sound, info: MediaInfo): TrackOutput {
  // Sound is made to begin with the picture, by silence or by a small cut: players wait for whichever is missing.
  const picture = (info.video?.startSeconds ?? audio.startSeconds) - heldSeconds(info)
  // Counted in samples of the source.
  const begin = Math.round(Math.max(0, picture - info.startSeconds) * audio.sampleRate)
  const filter = `aresample=48000:async=1:first_pts=${begin}`
  const rate = audio.channels === 1 ? 96_000 : 128_000
  const args = [
    ...['-map', `0:${audio.index}`, '-af', filter, '-ac', '2'],
    ...['-c:a', 'aac', '-b:a', String(rate)],
  ]
  return {
    name,
    kind: 'audio',
    args,
    channels: 2,
    language: audio.language,
    folder: place.folderFor(name),
    expected: { bandwidth: rate * 1.15, averageBandwidth: rate * 1.05, frameRate: null },
  }
}

async function refuseIncomplete(place: RunPlace, info: MediaInfo, outputs: TrackOutput[], made: MadeTracks) {
  const videos = (list: { kind: string }[]) => list.filter((track) => track.kind === 'video').length
  const error =
    made.tracks.length === 0 || videos(made.tracks) < videos(outputs)
      ? new MediaError('damaged', DAMAGED, 'no picture could be decoded')
      : endsEarly(info, made)
        ? new MediaError('truncated', TRUNCATED, 'shorter than it says')
        : null
  if (!error) return
  for (const output of outputs)
    if (!made.published.includes(output)) await place.storage.deletePrefix(output.folder)
  throw error
}

/**
 * Whether what was made is clearly shorter than the source claims to be, and ffmpeg complained of the source:
 * a last picture that stands for long also ends early, but there nothing is wrong.
 */
export function endsEarly(info: MediaInfo, { tracks, complaints }: MadeTracks): boolean {
  const missing = info.durationSeconds - Math.max(...tracks.map((track) => track.duration))
  const much = Math.min(2, info.durationSeconds * 0.25)
  return complaints.trim() !== '' && missing > much && missing > info.durationSeconds * 0.03
}
