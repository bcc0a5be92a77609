import type { Logger } from 'pino'
import type { Storyboard } from '#engine/media/images.ts'
import type { StoragePort } from '#engine/storage/port.ts'

/** What the probe found out about a source; kept in `assets.media` and handed to the next attempt. */
export type MediaInfo = import('#engine/media/probe.ts').MediaInfo

/** A keyframe's segment, the offset and bytes of what decodes it, and the seconds until the next one. */
export type IFrame = [segment: number, offset: number, bytes: number, seconds: number]

/** One rendition whose files (init.mp4, 0.m4s, 1.m4s, …), as far as it tells of them, are durable under `folder`. */
export type RenditionResult = {
  /** 2160p … 270p by the short side, or audio; source and source-audio until the ladder is complete */
  name: string
  kind: 'video' | 'audio'
  width: number | null
  height: number | null
  frameRate: number | null
  /** RFC 6381 */
  codecs: string
  /** Measured peak and mean, bits a second. */
  bandwidth: number
  averageBandwidth: number
  channels: number | null
  language: string | null
  initBytes: number
  /** Seconds and bytes of each segment, in order. */
  segments: { duration: number; bytes: number }[]
  /** Its keyframes, in order; empty for sound, and where they were never measured. */
  iframes: IFrame[]
  /** More segments will follow; the rates are then what it may cost at most. */
  growing: boolean
  /** Storage key prefix, ends in '/'. */
  folder: string
}

/** What `assets` keeps about its images; thumbnails are made when first asked for. */
export type ImagesResult = { storyboard: Storyboard }

/**
 * Everything `ingest()` may touch. Each attempt gets a fresh `attempt`, and so its own folders:
 * a killed attempt's leftovers are never mixed with the files of the next one.
 */
export type IngestContext = {
  assetId: string
  /** Unique to this attempt, 12 base62 characters; use it in storage folders. */
  attempt: string
  /**
   * first: probe, make the first playable rendition (and its audio), call onPlayable, return. What is encoded is
   * playable while it grows, so that onPlayable may come long before the end, and the ladder with it.
   * rest: all that is left (images, ladder), then onDone. `rest` runs in another job of lower priority.
   */
  stage: 'first' | 'rest'
  /** Absolute path of the complete source, read only. */
  sourcePath: string
  /** Absolute path of an empty private folder; the caller removes it afterwards. */
  workFolder: string
  storage: StoragePort
  /** Everything of this asset is stored under this key prefix: 'assets/<asset id>/'. */
  prefix: string
  /** Known from an earlier stage or attempt, else null. */
  media: MediaInfo | null
  images: ImagesResult | null
  /** What earlier attempts told of; growing ones are gone on with, behind what is published. */
  finishedRenditions: RenditionResult[]
  /** Tallest rung wanted, in lines: 1080, 1440 or 2160. */
  maxHeight: number
  maxDurationSeconds: number
  ffmpegPath: string
  ffprobePath: string
  /** Aborts when the asset is deleted, its deadline passes or the engine stops. */
  signal: AbortSignal
  clock: () => Date
  log: Logger
  /** Each of these writes to the database; await it, and let what it throws end the ingest. */
  onProbed(info: MediaInfo): Promise<void>
  onRendition(result: RenditionResult): Promise<void>
  onPlayable(): Promise<void>
  /** 0..100 of the whole ladder; may be called often. */
  onProgress(percent: number): Promise<void>
  onImages(images: ImagesResult): Promise<void>
  onDone(): Promise<void>
}
