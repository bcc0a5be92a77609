import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { commonHeaders, PlaybackError } from '#engine/delivery/answers.ts'
import type { HeldBytes, SegmentCache } from '#engine/delivery/segment-cache.ts'
import type { ByteRange, StoragePort } from '#engine/storage/port.ts'

export type SentObject = {
  /** Storage key; objects are immutable, so it names the bytes. */
  key: string
  contentType: string
  isPublic: boolean
}

export type ObjectSource = { storage: StoragePort; cache: SegmentCache }

/**
 * Answers with a stored object: from memory when it is hot or fits, else streamed with back-pressure.
 * HEAD, one byte range, If-None-Match and If-Range as in RFC 9110. Throws PlaybackError 404 if it is missing.
 */
export async function sendObject(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  object: SentObject,
): Promise<void> {
  if (sendHot(req, res, source.cache, object)) return
  const stored = await source.storage.open(object.key)
  if (!stored) throw new PlaybackError(404)
  const answer = answerHead(req, object, stored.size)
  if (!answer.body || req.method === 'HEAD') return void res.writeHead(answer.status, answer.headers).end()
  const held = await source.cache.load(object.key, stored.size, () => source.storage.readAll(object.key))
  if (held) return sendHeld(res, held, answer)
  res.writeHead(answer.status, answer.headers)
  // Destroys the reading side when the client goes away, and so closes its file.
  await pipeline(stored.stream(answer.range), res).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error
  })
}

/** The whole answer at once if the object is in memory; false if not. */
export function sendHot(
  req: IncomingMessage,
  res: ServerResponse,
  cache: SegmentCache,
  object: SentObject,
): boolean {
  const held = cache.get(object.key)
  if (!held) return false
  const answer = answerHead(req, object, held.bytes.length)
  if (answer.body && req.method !== 'HEAD') {
    sendHeld(res, held, answer)
    return true
  }
  held.release()
  res.writeHead(answer.status, answer.headers).end()
  return true
}

function sendHeld(res: ServerResponse, held: HeldBytes, answer: Answer): void {
  res.once('close', held.release)
  res.writeHead(answer.status, answer.headers)
  res.end(answer.range ? held.bytes.subarray(answer.range.start, answer.range.end + 1) : held.bytes)
}

type Answer = {
  status: number
  headers: Record<string, string | number>
  /** False for 304 and 416. */
  body: boolean
  range?: ByteRange
}

function answerHead(req: IncomingMessage, object: SentObject, size: number): Answer {
  const etag = etagOf(object.key)
  const headers: Record<string, string | number> = {
    ...commonHeaders(object.isPublic),
    'accept-ranges': 'bytes',
    etag,
  }
  if (matches(req.headers['if-none-match'], etag)) return { status: 304, headers, body: false }
  headers['content-type'] = object.contentType
  const condition = req.headers['if-range']
  const asked = condition === undefined || condition === etag ? req.headers.range : undefined
  const range = asked === undefined ? null : readRange(asked, size)
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${size}`, 'content-length': 0 },
      body: false,
    }
  }
  if (!range) return { status: 200, headers: { ...headers, 'content-length': size }, body: true }
  headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`
  headers['content-length'] = range.end - range.start + 1
  return { status: 206, headers, body: true, range }
}

const tags = new Map<string, string>()
const MOST_TAGS = 20_000

function etagOf(key: string): string {
  const known = tags.get(key)
  if (known) return known
  if (tags.size >= MOST_TAGS) tags.clear()
  const etag = `"${createHash('sha256').update(key).digest('base64url').slice(0, 22)}"`
  tags.set(key, etag)
  return etag
}

function matches(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false
  return (
    condition.trim() === '*' || condition.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  )
}

/** One range, as RFC 9110 14.1.2 has it; several or a malformed one mean the whole object. */
export function readRange(header: string, size: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim())
  if (!match || (match[1] === '' && match[2] === '')) return null
  if (match[1] === '') {
    const last = Math.min(Number(match[2]), size)
    return last === 0 ? 'unsatisfiable' : { start: size - last, end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (match[2] !== '' && Number(match[2]) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
