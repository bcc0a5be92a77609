import type { Agent, IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { signWebhook } from './signature.ts'

const DEADLINE_MS = 5_000
const KEPT_BODY_BYTES = 1024
const KEPT_HEADERS = ['content-type', 'content-length', 'date', 'retry-after', 'server']

export type SendResult = {
  /** Null where no answer came. */
  status: number | null
  headers: Record<string, string>
  /** Its first kilobyte. */
  body: string
  error: string | null
  delivered: boolean
}

/**
 * One attempt at one receiver, signed afresh. Delivered means 2xx within five seconds; a redirect is a failure and is
 * not followed. `agent` decides which addresses may be connected to; what it throws is why the attempt failed.
 */
export async function sendWebhook(
  receiver: { url: string; secret: string },
  body: string,
  now: Date,
  signal: AbortSignal,
  agent: () => Agent | undefined = () => undefined,
): Promise<SendResult> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  try {
    const response = await post(receiver, body, now, AbortSignal.any([signal, deadline]), agent())
    const status = response.statusCode ?? 0
    return {
      status,
      headers: keptHeaders(response),
      body: await readStart(response),
      error: null,
      delivered: status >= 200 && status < 300,
    }
  } catch (error) {
    const message = deadline.aborted ? `no answer within ${DEADLINE_MS / 1000} seconds` : messageOf(error)
    return { status: null, headers: {}, body: '', error: message, delivered: false }
  }
}

function post(
  { url, secret }: { url: string; secret: string },
  body: string,
  now: Date,
  signal: AbortSignal,
  agent?: Agent,
): Promise<IncomingMessage> {
  const target = new URL(url)
  const request = target.protocol === 'https:' ? https.request : http.request
  return new Promise((resolve, reject) => {
    const req = request(target, {
      method: 'POST',
      signal,
      ...(agent ? { agent } : {}),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'engine-webhooks',
        'mux-signature': signWebhook(secret, body, now),
      },
    })
    req.once('response', resolve)
    req.on('error', (error: NodeJS.ErrnoException) => {
      // The receiver closed a kept connection at the moment of its use: that says nothing about the receiver.
      if (!req.reusedSocket || error.code !== 'ECONNRESET') reject(error)
      else post({ url, secret }, body, now, signal, agent).then(resolve, reject)
    })
    req.end(body)
  })
}

/** A body that does not end, or breaks off, changes nothing: the status has been given. */
async function readStart(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece)
      size += piece.length
      if (size >= KEPT_BODY_BYTES) break
    }
  } catch {
    // The deadline, or the other side.
  }
  return Buffer.concat(pieces).subarray(0, KEPT_BODY_BYTES).toString('utf8').replaceAll('\0', '')
}

function keptHeaders(response: IncomingMessage): Record<string, string> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers[name]
    return typeof value === 'string' ? [[name, value.slice(0, 200)]] : []
  })
  return Object.fromEntries(kept)
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500)
}
