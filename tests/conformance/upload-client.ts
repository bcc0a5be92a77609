import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Target } from './target.ts'

export const MIB = 1024 * 1024
const ORIGIN = 'https://portal.example'

export type UploadAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** How many bytes the engine says it has; null without a Range header. */
  received: number | null
  text: string
}

export type PutOptions = {
  method?: string
  /** The Content-Range header. */
  range?: string
  body?: Buffer
  /** Content-Length, where it is to differ from the body's. */
  length?: number
  /** Sends without a length, in chunks. */
  chunked?: boolean
  /** Ends the connection after so many bytes of the body. */
  killAfter?: number
  /** Awaited between the last byte and the end of the connection. */
  beforeKill?: () => Promise<unknown>
  /** Sends only the first bytes, then nothing, and keeps the connection. */
  stallAfter?: number
}

/** One request to an upload's URL. Null where the connection ended without an answer. */
export function put(url: string, options: PutOptions = {}): Promise<UploadAnswer | null> {
  const body = options.body ?? Buffer.alloc(0)
  const headers: Record<string, string> = { origin: ORIGIN }
  if (options.range) headers['content-range'] = options.range
  if (!options.chunked) headers['content-length'] = String(options.length ?? body.length)
  return new Promise((resolve) => {
    const req = request(url, { method: options.method ?? 'PUT', headers, agent: false }, (res) => {
      const parts: Buffer[] = []
      res.on('data', (part: Buffer) => parts.push(part))
      res.on('error', () => resolve(null))
      res.on('end', () => {
        const last = /^bytes=0-(\d+)$/.exec(res.headers.range ?? '')?.[1]
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          received: last === undefined ? null : Number(last) + 1,
          text: Buffer.concat(parts).toString('utf8'),
        })
        req.destroy()
      })
    })
    req.on('error', () => resolve(null))
    req.on('close', () => resolve(null))
    const cut = options.killAfter ?? options.stallAfter
    if (cut === undefined) {
      req.end(body)
      return
    }
    req.write(body.subarray(0, cut), async () => {
      if (options.killAfter === undefined) return
      await options.beforeKill?.()
      req.destroy()
    })
  })
}

/** A slice of a file as one chunk with its Content-Range. */
export function putSlice(url: string, file: Buffer, start: number, end: number, options: PutOptions = {}) {
  const range = `bytes ${start}-${end - 1}/${file.length}`
  return put(url, { range, body: file.subarray(start, end), ...options })
}

/** Asks how much has arrived: 0 without a Range header, the whole length once complete. */
export async function askReceived(url: string, total: number): Promise<number> {
  const answer = await put(url, { range: `bytes */${total}` })
  if (answer?.status === 200) return total
  if (answer?.status !== 308) throw new Error(`status query answered ${answer?.status}: ${answer?.text}`)
  return answer.received ?? 0
}

/** A new upload through the SDK: its id and URL. */
export async function newUpload(
  target: Target,
  settings: Record<string, unknown> = { playback_policies: ['signed'] },
): Promise<{ id: string; url: string }> {
  const upload = await target.mux.video.uploads.create({
    cors_origin: ORIGIN,
    new_asset_settings: settings as never,
  })
  return { id: upload.id, url: upload.url! }
}

export const randomFile = (bytes: number): Buffer => randomBytes(bytes)
