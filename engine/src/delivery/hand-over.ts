import type { IncomingMessage, ServerResponse } from 'node:http'
import { commonHeaders, PlaybackError } from '#engine/delivery/answers.ts'
import { headOf, type PreparedObject } from '#engine/delivery/object-head.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { ServedCounter } from '#engine/usage/served-counter.ts'

/**
 * Who sends stored objects in our place, each request authorised by us first.
 * accel: an nginx in front, told by X-Accel-Redirect; a revoke holds at the next request, as without.
 * presigned: the bucket, by a link of `seconds`; a link given out before a revoke works until it ends, so a revoke
 * holds at the next request plus at most `seconds` (for those who kept the link).
 */
export type HandOverSettings = { kind: 'accel'; location: string } | { kind: 'presigned'; seconds: number }

/** Answers for an object that another server sends. */
export type HandOver = (req: IncomingMessage, res: ServerResponse, prepared: PreparedObject) => Promise<void>

export const MOST_PRESIGNED_SECONDS = 300
const MOST_SIZES = 20_000

export function createHandOver(
  settings: HandOverSettings,
  storage: StoragePort,
  served?: ServedCounter,
): HandOver {
  const place = placeOf(settings, storage)
  const sizes = new Map<string, number>()

  // Objects never change, so neither do their sizes; the session has said that this one may be seen.
  async function sizeOf(key: string): Promise<number> {
    const known = sizes.get(key)
    if (known !== undefined) return known
    const stored = await storage.open(key)
    if (!stored) throw new PlaybackError(404)
    if (sizes.size >= MOST_SIZES) sizes.clear()
    sizes.set(key, stored.size)
    return stored.size
  }

  return async (req, res, prepared) => {
    const { object } = prepared
    const size = await sizeOf(object.key)
    const head = headOf(req, prepared, size)
    // A link is signed for GET alone, and there is nothing to hand over.
    if (req.method === 'HEAD') return void res.writeHead(head.status, head.headers).end()
    if (head.body) served?.(req, res, object.key, head.body.end - head.body.start + 1, size)
    const { status, header } = await place(object.key)
    res.writeHead(status, {
      ...commonHeaders(object.isPublic),
      // Of a link that ends nobody may keep a copy, whoever may see the video.
      'cache-control': status === 302 || !object.isPublic ? 'private, no-store' : cacheControlOf(prepared),
      'content-type': object.contentType,
      ...(object.disposition ? { 'content-disposition': object.disposition } : {}),
      ...header,
      'content-length': 0,
    })
    res.end()
  }
}

type Place = (key: string) => Promise<{ status: 200 | 302; header: Record<string, string> }>

function placeOf(settings: HandOverSettings, storage: StoragePort): Place {
  if (settings.kind === 'accel') {
    const location = settings.location.replace(/\/*$/, '/')
    // Keys hold nothing that would have to be escaped: see assertKey.
    return async (key) => ({ status: 200, header: { 'x-accel-redirect': location + key } })
  }
  const { seconds } = settings
  if (!storage.presign) throw new Error('this storage makes no links of its own: presigned delivery needs S3')
  if (!(seconds >= 1 && seconds <= MOST_PRESIGNED_SECONDS))
    throw new Error(`a link may last 1 to ${MOST_PRESIGNED_SECONDS} seconds`)
  const presign = storage.presign.bind(storage)
  return async (key) => ({ status: 302, header: { location: await presign(key, seconds) } })
}

function cacheControlOf({ headers }: PreparedObject): string {
  return headers[headers.indexOf('cache-control') + 1] ?? 'private, no-store'
}
