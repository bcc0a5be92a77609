import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorStatus, errorBody } from './errors.ts'

/** Answers JSON with its length; headers set before stay. */
export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  res.end(text)
}

export function sendError(res: ServerResponse, status: ErrorStatus, ...messages: string[]): void {
  sendJson(res, status, errorBody(status, messages))
}

/** By its headers: Node takes no body where neither stands. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** How much of a request's body is read and dropped for an answer's sake, and for how long. */
export type DropBounds = { maxBytes: number; maxMs: number }
const DROP_BOUNDS: DropBounds = { maxBytes: 64 * 1024 * 1024, maxMs: 10_000 }

/**
 * Reads and drops what is left of a request's body, so that the answer reaches a client that is still sending
 * (closing at once would reset the connection and lose it). Closes the connection at its bounds.
 * @param done the body is whole, or its connection gone
 */
export function discardBody(req: IncomingMessage, bounds: Partial<DropBounds> = {}, done = () => {}): void {
  if (req.complete || req.destroyed) {
    done()
    return
  }
  const { maxBytes, maxMs } = { ...DROP_BOUNDS, ...bounds }
  let dropped = 0
  const close = () => req.destroy()
  const timer = setTimeout(close, maxMs)
  timer.unref()
  req.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxBytes) close()
  })
  const settle = () => {
    clearTimeout(timer)
    done()
  }
  req.once('end', settle)
  req.once('close', settle)
  req.resume()
}

/**
 * Sends an answer, whose head is set and tells its length, and ends it once the request's body is read: where the connection
 * ends with the answer, Node would close it under a client that is still sending. Source: RFC 9112, 9.6.
 */
export function answerThenDrop(
  req: IncomingMessage,
  res: ServerResponse,
  text: string,
  bounds?: Partial<DropBounds>,
): void {
  if (text) res.write(text)
  else res.flushHeaders()
  discardBody(req, bounds, () => res.end())
}
