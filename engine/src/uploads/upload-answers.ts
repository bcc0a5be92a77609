import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type ErrorStatus, errorBody } from '#engine/platform/errors.ts'
import { answerThenDrop, type DropBounds } from '#engine/platform/http.ts'

/** What an upload URL answers; written out in one place so that each carries the headers of rule U2. */
export type UploadAnswer =
  | { kind: 'complete' }
  /** 308: go on after `received` bytes. */
  | { kind: 'resume'; received: number }
  | { kind: 'error'; status: ErrorStatus | 405 | 408; message: string }
  /** The client is gone; nothing can be said. */
  | { kind: 'none' }

export const refuse = (status: ErrorStatus | 405 | 408, message: string): UploadAnswer => ({
  kind: 'error',
  status,
  message,
})

/** U1, U2: the browser may read each answer, errors and 308 included. */
export function setUploadHeaders(res: ServerResponse, corsOrigin: string): void {
  res.setHeader('access-control-allow-origin', corsOrigin.replace(/\/+$/, ''))
  res.setHeader('vary', 'Origin')
  res.setHeader('access-control-expose-headers', 'Range, Location, Content-Length, ETag')
  res.setHeader('cache-control', 'no-store')
  res.setHeader('referrer-policy', 'no-referrer')
  res.setHeader('x-content-type-options', 'nosniff')
}

const PREFLIGHT = {
  'access-control-allow-methods': 'PUT, GET, HEAD, OPTIONS',
  'access-control-allow-headers':
    'content-type, content-range, x-goog-resumable, x-goog-content-length-range, x-goog-meta-name, x-goog-hash',
  'access-control-max-age': '3600',
}
/** Whoever sends too slowly is not waited for much longer. */
const SLOW: Partial<DropBounds> = { maxMs: 2_000 }

/** Answers, and drops what is left of the request's body. */
export function sendUploadAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  answer: UploadAnswer | 'preflight',
): void {
  if (res.destroyed || (answer !== 'preflight' && answer.kind === 'none')) {
    res.destroy()
    return
  }
  const { status, headers, text } = written(answer)
  res.writeHead(status, headers)
  answerThenDrop(req, res, text, status === 408 ? SLOW : {})
}

function written(answer: Exclude<UploadAnswer, { kind: 'none' }> | 'preflight'): {
  status: number
  headers: OutgoingHttpHeaders
  text: string
} {
  if (answer === 'preflight') return { status: 204, headers: PREFLIGHT, text: '' }
  if (answer.kind === 'complete') return { status: 200, headers: { 'content-length': 0 }, text: '' }
  if (answer.kind === 'resume') {
    const range = answer.received > 0 ? { range: `bytes=0-${answer.received - 1}` } : {}
    return { status: 308, headers: { ...range, 'content-length': 0 }, text: '' }
  }
  const { status } = answer
  const text = JSON.stringify(errorOf(answer))
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(status === 405 ? { allow: 'PUT, GET, HEAD, OPTIONS' } : {}),
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...(status === 408 ? { connection: 'close' } : {}),
  }
  return { status, headers, text }
}

function errorOf({ status, message }: Extract<UploadAnswer, { kind: 'error' }>) {
  if (status === 405) return { error: { type: 'method_not_allowed', messages: [message] } }
  if (status === 408) return { error: { type: 'timeout', messages: [message] } }
  return errorBody(status, [message])
}
