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

/**
 * Reads and drops what is left of a request's body, so that the answer reaches a client that is still sending
 * (closing at once would reset the connection and lose it). Ends after `maxBytes` or `maxMs`, then closes.
 */
export function discardBody(req: IncomingMessage, maxBytes = 64 * 1024 * 1024, maxMs = 10_000): void {
  if (req.complete || req.destroyed) return
  let dropped = 0
  const close = () => req.destroy()
  const timer = setTimeout(close, maxMs)
  timer.unref()
  req.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxBytes) close()
  })
  req.once('close', () => clearTimeout(timer))
  req.once('error', () => clearTimeout(timer))
  req.once('end', () => clearTimeout(timer))
  req.resume()
}
