import type { ServerResponse } from 'node:http'
import { type ErrorStatus, errorBody } from '#engine/platform/errors.ts'

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

export function sendPreflight(res: ServerResponse): void {
  res.writeHead(204, {
    'access-control-allow-methods': 'PUT, GET, HEAD, OPTIONS',
    'access-control-allow-headers':
      'content-type, content-range, x-goog-resumable, x-goog-content-length-range, x-goog-meta-name, x-goog-hash',
    'access-control-max-age': '3600',
  })
  res.end()
}

export function sendUploadAnswer(res: ServerResponse, answer: UploadAnswer): void {
  if (answer.kind === 'none' || res.destroyed) {
    res.destroy()
    return
  }
  if (answer.kind === 'complete') {
    res.writeHead(200, { 'content-length': 0 }).end()
    return
  }
  if (answer.kind === 'resume') {
    const range = answer.received > 0 ? { range: `bytes=0-${answer.received - 1}` } : {}
    res.writeHead(308, { ...range, 'content-length': 0 }).end()
    return
  }
  const body =
    answer.status === 405 || answer.status === 408
      ? {
          error: {
            type: answer.status === 405 ? 'method_not_allowed' : 'timeout',
            messages: [answer.message],
          },
        }
      : errorBody(answer.status, [answer.message])
  const text = JSON.stringify(body)
  res.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(answer.status === 405 ? { allow: 'PUT, GET, HEAD, OPTIONS' } : {}),
    ...(answer.status === 503 ? { 'retry-after': '1' } : {}),
    ...(answer.status === 408 ? { connection: 'close' } : {}),
  })
  res.end(text)
}
