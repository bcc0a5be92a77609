import type { Readable } from 'node:stream'
import { MediaError } from '#engine/media/media-error.ts'

/**
 * All that a program says of a file, as long as that is no more than such a file has to say: what is said is made of the
 * file, and would fill the memory of this process.
 * @throws MediaError hostile
 */
export async function readBounded(stream: Readable, mostBytes: number): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > mostBytes)
      throw new MediaError(
        'hostile',
        'This file holds far more text than a video should.',
        `over ${mostBytes}`,
      )
    parts.push(part)
  }
  return Buffer.concat(parts)
}
