import { coverOf, MAX_PIECE_BYTES, pieceKey } from '#engine/storage/pieces.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { Spool, SpoolWriter } from './spool.ts'

/** What all writers of a process may hold together; each holds a piece on its way and one that is being filled. */
const MEMORY_BYTES = 256 * 1024 * 1024
const LEAST_PIECE_BYTES = 256 * 1024
const STALL_MS = 500

/**
 * Uploads as pieces in object storage, so that any process on any machine can go on with any upload. Each request's
 * bytes are durable when it is answered; the durable prefix is what the pieces cover.
 */
export function createObjectSpool(storage: StoragePort, memoryBytes = MEMORY_BYTES): Spool {
  const keyOf = (uploadId: string) => `spool/${uploadId}`
  const prefixOf = (uploadId: string) => `${keyOf(uploadId)}/`
  let writers = 0
  // The more write at once, the smaller their pieces.
  const pieceBytes = () =>
    Math.max(LEAST_PIECE_BYTES, Math.min(MAX_PIECE_BYTES, Math.floor(memoryBytes / (2 * writers))))
  return {
    keyOf,
    size: async (uploadId, known) => (await coverOf(storage, prefixOf(uploadId), known)).length,
    async openForWriting(uploadId, received) {
      writers += 1
      return pieceWriter(storage, prefixOf(uploadId), received, pieceBytes, () => {
        writers -= 1
      })
    },
    remove: (uploadId) => storage.deletePrefix(prefixOf(uploadId)),
    check: () => storage.check(),
  }
}

function pieceWriter(
  storage: StoragePort,
  prefix: string,
  received: number,
  pieceBytes: () => number,
  onClose: () => void,
): SpoolWriter {
  let filling: Buffer[] = []
  let filled = 0
  let start = received
  let onItsWay: Promise<void> | null = null
  let failure: unknown = null

  /** What follows a piece that failed would leave a gap, so nothing is put after it. */
  const send = async (): Promise<void> => {
    while (onItsWay) await onItsWay
    if (failure) throw failure
    if (filled === 0) return
    const bytes = filling
    const key = pieceKey(prefix, start, filled)
    start += filled
    filling = []
    filled = 0
    onItsWay = storage
      .put(key, bytes)
      .catch((error) => {
        failure = error
      })
      .finally(() => {
        onItsWay = null
      })
  }
  // A stalled connection is often a dead one: whoever comes back for it finds what had arrived.
  const stalled = setTimeout(() => send().catch(() => undefined), STALL_MS)
  stalled.unref()
  return {
    async append(piece) {
      if (failure) throw failure
      filling.push(piece)
      filled += piece.length
      stalled.refresh()
      if (filled >= pieceBytes()) await send()
    },
    async sync() {
      await send()
      while (onItsWay) await onItsWay
      if (failure) throw failure
    },
    async close() {
      clearTimeout(stalled)
      while (onItsWay) await onItsWay
      onClose()
    },
  }
}
