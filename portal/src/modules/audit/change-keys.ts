import type { AuditKeys } from '#portal/platform/audit-sink.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { AuditLog } from './compose-audit.ts'
import { lead } from './integrate.ts'
import { KeyConflict } from './key-ring.ts'
import { publishedKeys } from './published-keys.ts'
import { inTransaction } from './sql-runner.ts'
import { readCheckpoint } from './tree-store.ts'

/** The key ring as operations may change it: only while leading the log, so that no head is signed meanwhile. */
export function createAuditKeys(log: AuditLog): AuditKeys {
  const { pool, keys, sequencer } = log
  const leading = <T>(run: (size: number) => Promise<T>) =>
    inTransaction(pool, async (client) => {
      await lead(client, 'wait')
      const size = (await readCheckpoint(client))?.size ?? 0
      await keys.refresh()
      await keys.settle(log.clock(), size)
      return await run(size)
    })
  return {
    prepare: () => leading(() => keys.prepare()),

    async activate(vkey, change) {
      await leading((size) => keys.activate(vkey, { ...change, size })).catch((error: unknown) => {
        throw error instanceof KeyConflict ? new AppError('conflict', error.message) : error
      })
      await sequencer.checkpoint()
      return publishedKeys(log)
    },

    // Who leads settles the ring first, and that seals anew.
    sealAnew: () => leading(async () => {}),

    countSealedByOlder: () => keys.countSealedByOlder(),
  }
}
