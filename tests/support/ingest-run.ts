import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { ingest } from '../../engine/src/media/ingest.ts'
import type {
  ImagesResult,
  IngestContext,
  MediaInfo,
  RenditionResult,
} from '../../engine/src/media/ingest-context.ts'
import { openDiskStorage } from '../../engine/src/storage/disk.ts'
import type { StoragePort } from '../../engine/src/storage/port.ts'
import { toolPaths } from './media-clips.ts'

export type IngestRun = {
  storage: StoragePort
  /** Folder of its objects. */
  objects: string
  renditions: RenditionResult[]
  media: MediaInfo | null
  images: ImagesResult | null
  /** What was reported, in order. */
  events: string[]
  stage(stage: 'first' | 'rest', changes?: Partial<IngestContext>): Promise<void>
  /** A rendition's segments in one file that players can open; returns its path. */
  joined(name: string): Promise<string>
  remove(): Promise<void>
}

/** Runs ingest stages over a file, remembering what they report as the engine's database would. */
export async function createIngestRun(sourcePath: string): Promise<IngestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'ingest-'))
  const storage = await openDiskStorage(join(folder, 'objects'))
  const tools = await toolPaths()
  let attempts = 0
  const run: IngestRun = {
    storage,
    objects: join(folder, 'objects'),
    renditions: [],
    media: null,
    images: null,
    events: [],
    async stage(stage, changes = {}) {
      attempts += 1
      await ingest({
        ...tools,
        assetId: 'asset',
        attempt: `attempt${String(attempts).padStart(5, '0')}`,
        stage,
        sourcePath,
        workFolder: folder,
        storage,
        prefix: 'assets/asset/',
        media: run.media,
        images: run.images,
        finishedRenditions: [...run.renditions],
        maxHeight: 1080,
        maxDurationSeconds: 3600,
        signal: new AbortController().signal,
        clock: () => new Date(0),
        log: pino({ level: 'silent' }),
        async onProbed(info) {
          run.media = info
          run.events.push('probed')
        },
        async onRendition(result) {
          const known = run.renditions.findIndex(({ name }) => name === result.name)
          run.renditions.splice(known < 0 ? run.renditions.length : known, 1, result)
          run.events.push(result.name)
        },
        async onPlayable() {
          run.events.push('playable')
        },
        async onProgress(percent) {
          if (percent < 0 || percent > 100) throw new Error(`progress of ${percent} %`)
        },
        async onImages(images) {
          run.images = images
          run.events.push('images')
        },
        async onDone() {
          run.events.push('done')
        },
        ...changes,
      })
    },
    async joined(name) {
      const rendition = run.renditions.find((one) => one.name === name)
      if (!rendition) throw new Error(`no rendition ${name}: ${run.events.join(', ')}`)
      const keys = ['init.mp4', ...rendition.segments.map((_, index) => `${index}.m4s`)]
      const parts = await Promise.all(keys.map((key) => storage.readAll(rendition.folder + key)))
      const path = join(folder, `${name}.mp4`)
      await writeFile(path, Buffer.concat(parts.map((part) => part!)))
      return path
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
  return run
}
