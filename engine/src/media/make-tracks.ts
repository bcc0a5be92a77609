import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { type Progress, runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'
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
  onProgress?: (progress: Progress) => void
}

/** A finished rendition with what was measured on the way. */
export type MadeTrack = RenditionResult & { duration: number; samples: number }

export type MadeTracks = {
  tracks: MadeTrack[]
  /** What ffmpeg found wrong with the source on the way; empty for most. */
  complaints: string
}

const STALL_MS = 180_000

/**
 * Runs ffmpeg once over the source, with one decode for all outputs, and stores each output's segments.
 * Outputs without a single sample are left out. When anything fails, nothing of the run stays in storage.
 */
export async function makeTracks(run: TrackRun): Promise<MadeTracks> {
  const cut: (SegmentedTrack | null)[] = run.outputs.map(() => null)
  const first = 3
  let complaints = ''
  try {
    complaints = await runFfmpeg({
      command: run.ffmpegPath,
      args: [
        ...['-v', 'error', '-nostdin', '-y', ...SAFE_INPUT, '-i', `file:${run.sourcePath}`, ...run.graph],
        ...run.outputs.flatMap((output, index) => [
          ...output.args,
          ...(output.kind === 'video' ? videoTrack(first + index) : audioTrack(first + index)),
        ]),
        ...['-progress', 'pipe:1'],
      ],
      signal: run.signal,
      deadlineMs: run.deadlineMs,
      stallMs: STALL_MS,
      niceness: run.niceness,
      outputs: run.outputs.map((output, index) => async (stream) => {
        cut[index] = await segmentTrack(stream, run.storage, output.folder)
      }),
      onProgress: run.onProgress,
    })
  } catch (error) {
    for (const output of run.outputs) await run.storage.deletePrefix(output.folder)
    throw error
  }
  const tracks = run.outputs.flatMap((output, index) => {
    const track = cut[index]
    return track ? [describe(output, track)] : []
  })
  return { tracks, complaints }
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
