import { createTestDatabase } from './database.ts'
import { createIngestRun, type IngestRun } from './ingest-run.ts'
import { type ClipFolder, createClipFolder } from './media-clips.ts'
import { createPlaybackStack, type PlaybackStack } from './playback-stack.ts'
import type { TestDatabase } from './test-postgres.ts'

/** A clip that ffmpeg made, ingested, and a database of its own in which it can be played. */
export type PlayableClip = {
  clips: ClipFolder
  /** Path of the source file. */
  clip: string
  run: IngestRun
  db: TestDatabase
  stack: PlaybackStack
  remove(): Promise<void>
}

/** `ffmpegArgs` make the source; without the stage `rest` only its quick rendition exists. */
export async function createPlayableClip(
  ffmpegArgs: string[],
  stages: ('first' | 'rest')[] = ['first', 'rest'],
): Promise<PlayableClip> {
  const clips = await createClipFolder()
  const clip = await clips.make('clip.mp4', ffmpegArgs)
  const run = await createIngestRun(clip)
  for (const stage of stages) await run.stage(stage)
  const db = await createTestDatabase('engine')
  return {
    clips,
    clip,
    run,
    db,
    stack: await createPlaybackStack(db, run),
    async remove() {
      await Promise.all([db.close(), run.remove(), clips.remove()])
    },
  }
}
