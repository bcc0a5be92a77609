import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { commonHeaders } from '#engine/delivery/answers.ts'
import type { ByteRange } from '#engine/storage/port.ts'

export type SentObject = {
  /** Storage key; objects are immutable, so it names the bytes. */
  key: string
  contentType: string
  isPublic: boolean
  /** The URL will always mean these bytes: whoever may keep them may keep them for good. */
  immutable?: boolean
  /** Content-Disposition, where a browser is to save it as a file. */
  disposition?: string
}

/** An object with what every answer about it says, made once for thousands of requests. */
export type PreparedObject = {
  object: SentObject
  etag: string
  /** Names and values in turn, as node:http takes them without another look. */
  headers: string[]
  /** `headers` of the whole object with its length. */
  whole: { size: number; headers: string[] } | null
}

export type AnswerHead = {
  status: 200 | 206 | 304 | 416
  headers: string[]
  /** Bytes to send; null without a body, as for HEAD. */
  body: ByteRange | null
}

const IMMUTABLE = 'public, max-age=31536000, immutable'

export function prepareObject(object: SentObject): PreparedObject {
  const etag = etagOf(object.key)
  const common = commonHeaders(object.isPublic)
  const headers = Object.entries({
    ...common,
    ...(object.isPublic && object.immutable ? { 'cache-control': IMMUTABLE } : {}),
    ...(object.disposition ? { 'content-disposition': object.disposition } : {}),
    'accept-ranges': 'bytes',
    etag,
  }).flat()
  return { object, etag, headers, whole: null }
}

/** What to answer about an object of `size` bytes: HEAD, one byte range, If-None-Match and If-Range (RFC 9110). */
export function headOf(req: IncomingMessage, prepared: PreparedObject, size: number): AnswerHead {
  const { etag, headers } = prepared
  if (req.method === 'GET' && isPlain(req.rawHeaders)) return wholeHead(prepared, size)
  if (matches(req.headers['if-none-match'], etag)) return { status: 304, headers, body: null }
  const condition = req.headers['if-range']
  // RFC 9110, 14.2: a range is defined for GET alone.
  const asked = req.method === 'GET' && (condition === undefined || condition === etag)
  const range = asked && req.headers.range !== undefined ? readRange(req.headers.range, size) : null
  const type = prepared.object.contentType
  if (range === 'unsatisfiable') {
    const more = ['content-range', `bytes */${size}`, 'content-length', '0']
    return { status: 416, headers: [...headers, ...more], body: null }
  }
  if (!range) {
    const head = wholeHead(prepared, size)
    return req.method === 'HEAD' ? { ...head, body: null } : head
  }
  const { start, end } = range
  const part = ['content-range', `bytes ${start}-${end}/${size}`, 'content-length', `${end - start + 1}`]
  return { status: 206, headers: [...headers, 'content-type', type, ...part], body: range }
}

function wholeHead(prepared: PreparedObject, size: number): AnswerHead {
  if (prepared.whole?.size !== size) {
    const more = ['content-type', prepared.object.contentType, 'content-length', `${size}`]
    prepared.whole = { size, headers: [...prepared.headers, ...more] }
  }
  return { status: 200, headers: prepared.whole.headers, body: { start: 0, end: size - 1 } }
}

// The parsed headers are made at the first look at them: most requests for segments need none.
function isPlain(rawHeaders: string[]): boolean {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length !== 5 && name.length !== 8 && name.length !== 13) continue
    if (/^(?:range|if-range|if-none-match)$/i.test(name)) return false
  }
  return true
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
