import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'
import type { StoragePort } from '#engine/storage/port.ts'

/** Where the shared timeline of renditions begins, seconds (see track-output.ts). */
const TIMELINE_STARTS = 10
const STALL_MS = 180_000

/** A finished rendition as far as its files go. */
export type StoredTrack = { kind: 'video' | 'audio'; folder: string; segments: unknown[] }

export type AssembleRun = {
  ffmpegPath: string
  storage: StoragePort
  /** Private; the result and the pieces lie in it. */
  workFolder: string
  signal: AbortSignal
  deadlineMs: number
}

/**
 * One progressive MP4 (index first) of finished renditions, without encoding; M4A where it is sound alone. Sound and
 * picture keep their places on the shared timeline. Returns the path in the work folder, and bytes.
 */
export async function assembleMp4(
  run: AssembleRun,
  tracks: StoredTrack[],
): Promise<{ path: string; bytes: number }> {
  const pieces: string[] = []
  let bytes = 0
  for (const [index, track] of tracks.entries()) {
    const path = join(run.workFolder, `track-${index}.mp4`)
    await joinSegments(run, track, path)
    pieces.push(path)
    bytes += (await stat(path)).size
  }
  const soundOnly = tracks.every(({ kind }) => kind === 'audio')
  const path = join(run.workFolder, soundOnly ? 'result.m4a' : 'result.mp4')
  await runFfmpeg({
    command: run.ffmpegPath,
    args: [
      // Times as they stand in the segments: each input would else be moved to zero on its own.
      ...['-v', 'error', '-nostdin', '-y', '-copyts'],
      ...pieces.flatMap((piece) => [...SAFE_INPUT, '-i', `file:${piece}`]),
      ...pieces.flatMap((_, index) => ['-map', `${index}:0`]),
      ...['-c', 'copy', '-map_metadata', '-1', '-fflags', '+bitexact'],
      ...['-output_ts_offset', String(-TIMELINE_STARTS), '-movflags', '+faststart'],
      ...['-f', soundOnly ? 'ipod' : 'mp4', `file:${path}`, '-progress', 'pipe:1'],
    ],
    signal: run.signal,
    deadlineMs: run.deadlineMs,
    stallMs: STALL_MS,
    niceness: 5,
    fileBytes: bytes + INDEX_BYTES,
  })
  return { path, bytes: (await stat(path)).size }
}

const INDEX_BYTES = 64 * 1024 * 1024

/** A rendition's initialisation and segments one behind the other: a fragmented MP4. */
export async function joinSegments(
  { storage, signal }: Pick<AssembleRun, 'storage' | 'signal'>,
  track: StoredTrack,
  path: string,
): Promise<void> {
  const keys = ['init.mp4', ...track.segments.map((_, index) => `${index}.m4s`)]
  await pipeline(objects(storage, track.folder, keys), createWriteStream(path, { mode: 0o600 }), { signal })
}

async function* objects(storage: StoragePort, folder: string, keys: string[]) {
  for (const key of keys) {
    const object = await storage.open(folder + key)
    if (!object) throw new Error(`${folder}${key} is missing from storage`)
    yield* object.stream()
  }
}
