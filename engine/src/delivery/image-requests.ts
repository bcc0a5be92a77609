import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type pg from 'pg'
import { PlaybackError, sendText } from '#engine/delivery/answers.ts'
import type { Grant } from '#engine/delivery/authorise.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { type Clip, readClip } from '#engine/delivery/clip.ts'
import { readAnimatedParameters, readThumbnailParameters } from '#engine/delivery/image-parameters.ts'
import { createMadeImages } from '#engine/delivery/made-images.ts'
import type { RenditionPlaylists } from '#engine/delivery/rendition-playlists.ts'
import { type ObjectSource, sendObject } from '#engine/delivery/send-object.ts'
import { storyboardJson, storyboardVtt } from '#engine/delivery/storyboard-files.ts'
import { animate } from '#engine/media/animated.ts'
import {
  type AnimatedFormat,
  convertImage,
  drawStoryboard,
  type ImageFormat,
  layOutStoryboard,
  type StoryboardLayout,
  segmentAt,
} from '#engine/media/images.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { thumbnail } from '#engine/media/thumbnail.ts'

export type ImageParts = ObjectSource & {
  pool: pg.Pool
  catalogue: Catalogue
  playlists: RenditionPlaylists
  ffmpegPath: string
  publicUrl: string
}
type Given = Pick<Grant, 'playable' | 'parameters' | 'token'>
type Board = { layout: StoryboardLayout; jpeg: () => Promise<string> }
type Listed = Playable['renditions'][number]

const TYPES = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
}

/** Thumbnails, animated pictures and storyboards. */
export function createImageRequests(parts: ImageParts) {
  const stopped = new AbortController()
  const tools = { ffmpegPath: parts.ffmpegPath, storage: parts.storage, signal: stopped.signal }
  const images = createMadeImages(parts)

  async function load(playable: Playable, { name }: Listed): Promise<RenditionResult> {
    const rendition = await parts.catalogue.rendition(playable.assetId, name)
    if (!rendition) throw new PlaybackError(404)
    return rendition
  }

  /** Seconds that can be shown: of a growing rendition, those that are there. */
  async function lengthOf(playable: Playable, source: Listed): Promise<number> {
    if (!source.growing) return playable.durationSeconds
    const { segments } = await load(playable, source)
    if (segments.length === 0) throw new PlaybackError(412)
    return segments.reduce((sum, { duration }) => sum + duration, 0)
  }

  const converted = (playable: Playable, jpegKey: string, format: ImageFormat) =>
    images.ensure(playable.assetId, `${digest(jpegKey)}.${format}`, async () => {
      const original = await parts.storage.readAll(jpegKey)
      if (!original) throw new PlaybackError(404)
      return await convertImage(tools, original, format)
    })

  /** Where the tiles lie, and how to get at the picture. Times count from the beginning of the clip. */
  async function boardOf(playable: Playable, clip: Clip | null): Promise<Board> {
    const whole = playable.images?.storyboard
    if (!whole) throw new PlaybackError(412)
    if (!clip) return { layout: whole, jpeg: async () => whole.key }
    const [from, to] = await parts.playlists.shown(playable, clip)
    const layout = layOutStoryboard(to - from, { width: whole.tileWidth, height: whole.tileHeight })
    const source = sourceFor(playable, { width: whole.tileWidth, height: null })
    const jpeg = () =>
      images.ensure(playable.assetId, `storyboard-${digest({ from, to })}.jpg`, async () => {
        const rendition = await load(playable, source)
        // A little away from either cut, so that rounding can't reach for the next segment.
        const [first, last] = [from + 0.02, to - 0.02].map((time) => segmentAt(rendition, time).index)
        return await drawStoryboard(tools, rendition, layout, [first!, last!])
      })
    return { layout, jpeg }
  }

  return {
    async thumbnail(req: IncomingMessage, res: ServerResponse, grant: Given, format: ImageFormat) {
      const { playable, parameters } = grant
      const source = sourceFor(playable, sizeOf(parameters))
      const options = readThumbnailParameters(parameters, format, {
        durationSeconds: await lengthOf(playable, source),
        clip: readClip(parameters, playable.durationSeconds),
        thumbnailTime: playable.thumbnailTime,
      })
      const key = await images.ensure(playable.assetId, `${digest(options)}.${format}`, async () =>
        thumbnail(tools, await load(playable, source), options),
      )
      await sendImage(req, res, parts, playable, { key, format, final: !source.growing })
    },

    async animated(req: IncomingMessage, res: ServerResponse, grant: Given, format: AnimatedFormat) {
      const { playable, parameters } = grant
      const clip = readClip(parameters, playable.durationSeconds)
      const source = sourceFor(playable, { width: 640, height: null })
      const options = readAnimatedParameters(parameters, format, await lengthOf(playable, source), clip)
      const key = await images.ensure(playable.assetId, `animated-${digest(options)}.${format}`, async () =>
        animate(tools, await load(playable, source), options),
      )
      await sendImage(req, res, parts, playable, { key, format, final: !source.growing })
    },

    async storyboard(
      req: IncomingMessage,
      res: ServerResponse,
      { playable, parameters, token }: Given,
      format: ImageFormat | 'vtt' | 'json',
    ) {
      if (!playable.renditions.some((rendition) => rendition.kind === 'video')) throw new PlaybackError(404)
      const clip = readClip(parameters, playable.durationSeconds)
      const { layout, jpeg } = await boardOf(playable, clip)
      if (format === 'vtt' || format === 'json') {
        const url = storyboardUrl(parts.publicUrl, { playable, parameters, token }, clip)
        const vtt = format === 'vtt'
        const text = vtt ? storyboardVtt(layout, url) : storyboardJson(layout, url)
        const type = vtt ? 'text/vtt; charset=utf-8' : 'application/json; charset=utf-8'
        return sendText(req, res, type, text, playable.isPublic)
      }
      const key = format === 'jpg' ? await jpeg() : await converted(playable, await jpeg(), format)
      await sendImage(req, res, parts, playable, { key, format, final: true })
    },

    stop: () => stopped.abort(new Error('the engine stops')),
  }
}

/** The picture is asked for with the same right as the cues, and shows the same part of the film. */
function storyboardUrl(origin: string, { playable, parameters, token }: Given, clip: Clip | null): string {
  const format = parameters.format === 'webp' || parameters.format === 'png' ? parameters.format : 'jpg'
  const query = new URLSearchParams()
  if (token !== null) query.set('token', token)
  else if (clip) {
    query.set('asset_start_time', String(clip[0]))
    query.set('asset_end_time', String(clip[1]))
  }
  const asked = query.size > 0 ? `?${query}` : ''
  return `${origin}/${playable.playbackId}/storyboard.${format}${asked}`
}

const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24)

function sizeOf(given: Record<string, string>) {
  const pixels = (text?: string) => (text !== undefined && Number(text) > 0 ? Number(text) : null)
  return { width: pixels(given.width), height: pixels(given.height) }
}

/** The smallest rendition that is large enough, else the largest; one that grows only where no other is. */
function sourceFor(
  playable: Playable,
  { width, height }: { width: number | null; height: number | null },
): Listed {
  const all = playable.renditions.filter((rendition) => rendition.kind === 'video')
  const done = all.filter((video) => !video.growing)
  const videos = (done.length > 0 ? done : all).toSorted(
    (a, b) => a.width! * a.height! - b.width! * b.height!,
  )
  const enough = videos.find(
    (video) =>
      (width !== null || height !== null) && video.width! >= (width ?? 0) && video.height! >= (height ?? 0),
  )
  const chosen = enough ?? videos.at(-1)
  if (!chosen) throw new PlaybackError(404)
  return chosen
}

async function sendImage(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  playable: Playable,
  { key, format, final }: { key: string; format: keyof typeof TYPES; final: boolean },
): Promise<void> {
  // What a growing film shows unasked will be another picture soon.
  const isPublic = playable.isPublic && final
  await sendObject(req, res, source, { key, contentType: TYPES[format], isPublic })
}
