import { earlierTrack } from '#engine/media/earlier-track.ts'
import { type Growth, growTracks } from '#engine/media/grow-tracks.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { type Progress, runFfmpeg, SAFE_SOURCE } from '#engine/media/run-ffmpeg.ts'
import { type SegmentedTrack, segmentTrack } from '#engine/media/segment-track.ts'
import { audioTrack, videoTrack } from '#engine/media/track-output.ts'
import type { StoragePort } from '#engine/storage/port.ts'

/** One rendition to make in a run: what to map and how to encode it. */
export type TrackOutput = {
  name: string
  kind: 'video' | 'audio'
  /** ffmpeg output options: `-map …`, `-c:v …`. */
  args: string[]
  /** Null for a picture. */
  channels: number | null
  language: string | null
  /** Storage key prefix, ends in '/'. */
  folder: string
  /** What it may cost at most, bits a second, and its frame rate: told while it grows. */
  expected?: { bandwidth: number; averageBandwidth: number; frameRate: number | null }
}

export type TrackRun = {
  ffmpegPath: string
  sourcePath: string
  /** Options between the input and the outputs, such as a filter graph. */
  graph: string[]
  outputs: TrackOutput[]
  storage: StoragePort
  signal: AbortSignal
  deadlineMs: number
  niceness: number
  /** A private folder to run in. */
  cwd?: string
  /** The tracks may not become longer than this, whatever the source says of its length. */
  mostSeconds?: number
  onProgress?: (progress: Progress) => void
  /** Outputs are told of while they are made. */
  growth?: Growth
}

/** A finished rendition with what was measured on the way. */
export type MadeTrack = RenditionResult & { duration: number; samples: number }

export type MadeTracks = {
  tracks: MadeTrack[]
  /** What ffmpeg found wrong with the source on the way; empty for most. */
  complaints: string
  /** Players know of these outputs already. */
  published: TrackOutput[]
}

const STALL_MS = 120_000

/**
 * Runs ffmpeg once over the source, with one decode for all outputs, and stores each output's segments, durable
 * when it resolves. Outputs without a single sample are left out. When anything fails, nothing of the run stays in
 * storage but what players were already told of.
 */
export async function makeTracks(run: TrackRun): Promise<MadeTracks> {
  const cut: (SegmentedTrack | null)[] = run.outputs.map(() => null)
  const batch = run.storage.batch()
  const growing = run.growth ? growTracks(run.outputs, batch, run.growth) : null
  let complaints = ''
  try {
    complaints = await runFfmpeg({
      command: run.ffmpegPath,
      args: ffmpegArgs(run),
      signal: growing ? AbortSignal.any([run.signal, growing.failed]) : run.signal,
      deadlineMs: run.deadlineMs,
      stallMs: STALL_MS,
      niceness: run.niceness,
      cwd: run.cwd,
      mostSeconds: run.mostSeconds,
      outputs: run.outputs.map((output, index) => async (stream) => {
        const earlier = run.growth?.earlier.find(({ name }) => name === output.name)
        cut[index] = await segmentTrack(stream, {
          batch,
          folder: output.folder,
          ...(earlier ? { earlier: earlierTrack(run.storage, earlier) } : {}),
          onStored: (soFar) => growing?.stored(output, soFar),
        })
      }),
      onProgress: run.onProgress,
    })
    await growing?.stop()
    growing?.failed.throwIfAborted()
    await batch.settle()
  } catch (error) {
    await growing?.stop()
    for (const output of run.outputs)
      if (!growing?.published(output)) await run.storage.deletePrefix(output.folder)
    throw error
  }
  const tracks = run.outputs.flatMap((output, index) => {
    const track = cut[index]
    return track ? [describe(output, track)] : []
  })
  return { tracks, complaints, published: run.outputs.filter((output) => growing?.published(output)) }
}

// Standard streams come before the pipes of the outputs.
const FIRST_PIPE = 3

function ffmpegArgs(run: TrackRun): string[] {
  return [
    ...['-v', 'error', '-nostdin', '-y', ...SAFE_SOURCE, '-i', `file:${run.sourcePath}`, ...run.graph],
    ...run.outputs.flatMap((output, index) => [
      ...output.args,
      ...(output.kind === 'video' ? videoTrack(FIRST_PIPE + index) : audioTrack(FIRST_PIPE + index)),
    ]),
    ...['-progress', 'pipe:1'],
  ]
}

function describe(output: TrackOutput, track: SegmentedTrack): MadeTrack {
  const video = output.kind === 'video'
  return {
    name: output.name,
    kind: output.kind,
    width: video ? track.header.width : null,
    height: video ? track.header.height : null,
    frameRate: video ? Math.round((track.samples / track.duration) * 1000) / 1000 : null,
    codecs: track.header.codecs,
    bandwidth: track.bandwidth,
    averageBandwidth: track.averageBandwidth,
    channels: output.channels,
    language: output.language,
    initBytes: track.initBytes,
    segments: track.segments,
    iframes: track.iframes,
    growing: false,
    folder: output.folder,
    duration: track.duration,
    samples: track.samples,
  }
}
