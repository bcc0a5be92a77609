import { offsetFromRange } from './upload-pace.ts'
import type { ChunkAnswer } from './upload-transport.ts'

/** An end that no retry by itself can change; `resumable` where a person can. */
export class Hopeless extends Error {
  readonly resumable: boolean

  constructor(message: string, resumable = false) {
    super(message)
    this.resumable = resumable
  }
}

const refusals: Record<number, string> = {
  400: 'The server refused this file: its size changed since the upload began. Choose it again.',
  403: 'This upload is not yours any more. Choose the file again to start afresh.',
  404: 'This upload is not known any more. Choose the file again to start afresh.',
  410: 'This upload has ended. Choose the file again to start afresh.',
  413: 'This file is larger than the portal takes.',
  415: 'The portal does not take this kind of file.',
}
const worthAnotherTry = new Set([408, 423, 425, 429])

/**
 * What an answer means: the next offset in bytes, `complete`, or null where another try is called for.
 * @throws Hopeless where the server refused for good
 */
export function understand(answer: ChunkAnswer): number | 'complete' | null {
  if (answer.status === 200 || answer.status === 201) return 'complete'
  if (answer.status === 308) return offsetFromRange(answer.range)
  if (answer.status >= 400 && answer.status < 500 && !worthAnotherTry.has(answer.status)) {
    throw new Hopeless(refusals[answer.status] ?? 'The server refused this upload. Choose the file again.')
  }
  return null
}

/** A file that was moved or changed on the disk fails like a dead line; only reading it tells them apart. */
export async function mustBeReadable(file: Blob, at: number): Promise<void> {
  try {
    await file.slice(at, at + 1).arrayBuffer()
  } catch {
    throw new Hopeless(
      'The file cannot be read any more: it was moved, changed or taken out. Choose it again to go on.',
      true,
    )
  }
}
