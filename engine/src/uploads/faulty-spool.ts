import { type Faults, faulty } from '#engine/storage/faulty.ts'
import type { Spool } from './spool.ts'

/** A spool that fails at random, also in the middle of a piece; for tests of what stands above it. */
export function spoolWithFaults(spool: Spool, faults: Faults): Spool {
  return {
    ...spool,
    async openForWriting(uploadId, received) {
      faults.before()
      const writer = await spool.openForWriting(uploadId, received)
      return {
        ...writer,
        async append(piece) {
          const half = piece.length >> 1
          await writer.append(piece.subarray(0, half))
          faults.before()
          await writer.append(piece.subarray(half))
        },
        sync: () => faulty(faults, writer.sync),
      }
    },
    remove: (uploadId) => faulty(faults, () => spool.remove(uploadId)),
  }
}
