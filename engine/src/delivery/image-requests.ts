import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type pg from 'pg'
import { PlaybackError, sendText } from '#engine/delivery/answers.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { readThumbnailParameters } from '#engine/delivery/parameters.ts'
import { type ObjectSource, sendObject } from '#engine/delivery/send-object.ts'
import { storyboardJson, storyboardVtt } from '#engine/delivery/storyboard-files.ts'
import { createTurns } from '#engine/delivery/turns.ts'
import { convertImage, type ImageFormat, type ThumbnailOptions, thumbnail } from '#engine/media/images.ts'

export type ImageParts = ObjectSource & {
  pool: pg.Pool
  catalogue: Catalogue
  ffmpegPath: string
  publicUrl: string
}

const CONTENT_TYPES: Record<ImageFormat, string> = { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' }
const AT_ONCE = 2
const MOST_WAITING = 100

/** Thumbnails and storyboards. Each is made once and then kept in storage with the asset's other files. */
export function createImageRequests(parts: ImageParts) {
  const stopped = new AbortController()
  const turns = createTurns(AT_ONCE, MOST_WAITING)
  const tools = { ffmpegPath: parts.ffmpegPath, storage: parts.storage, signal: stopped.signal }
  const making = new Map<string, Promise<void>>()

  /** Makes the object unless it is there; many who ask at once wait for one making. */
  async function ensure(playable: Playable, key: string, make: () => Promise<Buffer>): Promise<void> {
    if (await parts.storage.open(key)) return
    const same = making.get(key)
    if (same) return same
    const task = turns
      .take(make)
      .then((image) => keep(parts, playable, key, image))
      .finally(() => making.delete(key))
    making.set(key, task)
    return task
  }

  return {
    async thumbnail(
      req: IncomingMessage,
      res: ServerResponse,
      playable: Playable,
      given: Record<string, string>,
      format: ImageFormat,
    ): Promise<void> {
      const options = readThumbnailParameters(given, format, playable.durationSeconds)
      const source = sourceFor(playable, options)
      const name = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 24)
      const key = `assets/${playable.assetId}/images/${name}.${format}`
      await ensure(playable, key, async () => {
        const rendition = await parts.catalogue.rendition(playable.assetId, source)
        if (!rendition) throw new PlaybackError(404)
        const image = await thumbnail(tools, rendition, options)
        if (image.length === 0) throw new PlaybackError(404)
        return image
      })
      await sendObject(req, res, parts, {
        key,
        contentType: CONTENT_TYPES[format],
        isPublic: playable.isPublic,
      })
    },

    async storyboard(
      req: IncomingMessage,
      res: ServerResponse,
      playable: Playable,
      given: Record<string, string>,
      token: string | null,
      format: ImageFormat | 'vtt' | 'json',
    ): Promise<void> {
      if (!playable.renditions.some((rendition) => rendition.kind === 'video')) throw new PlaybackError(404)
      const board = playable.images?.storyboard
      if (!board) throw new PlaybackError(412)
      if (format === 'vtt' || format === 'json') {
        const image = given.format === 'webp' ? 'webp' : given.format === 'png' ? 'png' : 'jpg'
        // The picture is asked for with the same right as the cues.
        const query = token === null ? '' : `?token=${token}`
        const url = `${parts.publicUrl}/${playable.playbackId}/storyboard.${image}${query}`
        const vtt = format === 'vtt'
        const text = vtt ? storyboardVtt(board, url) : storyboardJson(board, url)
        const type = vtt ? 'text/vtt; charset=utf-8' : 'application/json; charset=utf-8'
        return sendText(req, res, type, text, playable.isPublic)
      }
      const key = format === 'jpg' ? board.key : `assets/${playable.assetId}/images/storyboard.${format}`
      await ensure(playable, key, async () => {
        const original = await parts.storage.readAll(board.key)
        if (!original) throw new PlaybackError(404)
        return await convertImage(tools, original, format)
      })
      await sendObject(req, res, parts, {
        key,
        contentType: CONTENT_TYPES[format],
        isPublic: playable.isPublic,
      })
    },

    stop: () => stopped.abort(new Error('the engine stops')),
  }
}

/** The smallest rendition that is large enough, else the largest. */
function sourceFor(playable: Playable, { width, height }: ThumbnailOptions): string {
  const videos = playable.renditions
    .filter((rendition) => rendition.kind === 'video')
    .toSorted((a, b) => a.width! * a.height! - b.width! * b.height!)
  const enough = videos.find(
    (video) =>
      (width !== null || height !== null) && video.width! >= (width ?? 0) && video.height! >= (height ?? 0),
  )
  const chosen = enough ?? videos.at(-1)
  if (!chosen) throw new PlaybackError(404)
  return chosen.name
}

/** Stores an image; if its asset was deleted meanwhile, nothing of it stays. */
async function keep(parts: ImageParts, playable: Playable, key: string, image: Buffer): Promise<void> {
  await parts.storage.put(key, image)
  const text = 'select 1 from engine.assets where id = $1 and deleted_at is null'
  const { rowCount } = await parts.pool.query(text, [playable.assetId])
  if (rowCount === 1) return
  await parts.storage.deletePrefix(`assets/${playable.assetId}/`)
  throw new PlaybackError(404)
}
