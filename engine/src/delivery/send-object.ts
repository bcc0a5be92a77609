import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { PlaybackError } from '#engine/delivery/answers.ts'
import type { HandOver } from '#engine/delivery/hand-over.ts'
import {
  type AnswerHead,
  headOf,
  type PreparedObject,
  prepareObject,
  type SentObject,
} from '#engine/delivery/object-head.ts'
import type { OpenAnswers } from '#engine/delivery/open-answers.ts'
import type { HeldBytes, SegmentCache } from '#engine/delivery/segment-cache.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { ServedCounter } from '#engine/usage/served-counter.ts'

export type { SentObject } from '#engine/delivery/object-head.ts'

export type ObjectSource = {
  storage: StoragePort
  cache: SegmentCache
  answers: OpenAnswers
  /** Set where another server sends in our place. */
  handOver?: HandOver
  /** Told of each object that is sent. */
  served?: ServedCounter
}

/** Answers with a stored object. Throws PlaybackError 404 if it is missing, 503 where too much is under way. */
export function sendObject(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  object: SentObject,
): Promise<void> {
  return sendPrepared(req, res, source, prepareObject(object))
}

/** The same from memory when it is hot or fits, else streamed with back-pressure. */
export async function sendPrepared(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  prepared: PreparedObject,
): Promise<void> {
  if (source.handOver) return await source.handOver(req, res, prepared)
  if (sendHot(req, res, source, prepared)) return
  const { key } = prepared.object
  const stored = await source.storage.open(key)
  if (!stored) throw new PlaybackError(404)
  const head = headOf(req, prepared, stored.size)
  if (!head.body) return void res.writeHead(head.status, head.headers).end()
  const held = await source.cache.load(key, stored.size, () => source.storage.readAll(key))
  if (held) return sendHeld(req, res, source, key, held, head)
  const bytes = head.body.end - head.body.start + 1
  source.answers.stream(res, bytes)
  source.served?.(req, res, key, bytes, stored.size)
  res.writeHead(head.status, head.headers)
  // Destroys the reading side when the client goes away, and so closes its file.
  await pipeline(stored.stream(head.body), res).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error
  })
}

/** The whole answer at once if the object is in memory; false if not. */
export function sendHot(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  prepared: PreparedObject,
): boolean {
  const held = source.handOver ? null : source.cache.get(prepared.object.key)
  if (!held) return false
  const head = headOf(req, prepared, held.bytes.length)
  if (head.body) {
    sendHeld(req, res, source, prepared.object.key, held, head)
    return true
  }
  held.release()
  res.writeHead(head.status, head.headers).end()
  return true
}

function sendHeld(
  req: IncomingMessage,
  res: ServerResponse,
  source: ObjectSource,
  key: string,
  held: HeldBytes,
  head: AnswerHead,
): void {
  const { start, end } = head.body!
  const [bytes, size] = [end - start + 1, held.bytes.length]
  source.answers.send(res, bytes, held.release)
  source.served?.(req, res, key, bytes, size)
  res.writeHead(head.status, head.headers)
  res.end(bytes === size ? held.bytes : held.bytes.subarray(start, end + 1))
}
