import type { IncomingMessage } from 'node:http'
import { bodyRuleOf } from './body-rules.ts'
import type { Handler } from './front-door.ts'

/** Node keeps so much of a body that nobody reads: waiting for it takes no more room than letting the request in. */
export const WHOLE_BYTES = 64 * 1024

/**
 * Lets a request in once its body is whole, where that is small: whoever leaves before, or is ended for sending too slowly,
 * has had nothing counted, hashed, noted or answered. Larger bodies, and those of unknown length, are the handler's to refuse
 * or to read; so are those of routes that keep what comes too slowly.
 */
export function onceWhole(handle: Handler): Handler {
  return async (req, res) => {
    const length = Number(req.headers['content-length'] ?? 0)
    const waits = length > 0 && length <= WHOLE_BYTES && !bodyRuleOf(req.url).ownGuard
    if (!waits || (await isWhole(req, length))) await handle(req, res)
  }
}

function isWhole(req: IncomingMessage, length: number): Promise<boolean> {
  const rawBody = Buffer.alloc(length)
  let filled = 0
  return new Promise((resolve) => {
    req.on('data', (piece: Buffer) => {
      filled += piece.copy(rawBody, filled)
    })
    req.once('end', () => {
      // Where the API's adapter looks before it reads.
      Object.assign(req, { rawBody })
      resolve(true)
    })
    req.once('close', () => resolve(false))
  })
}
