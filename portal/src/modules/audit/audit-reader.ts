import type { AuditReader } from '#portal/platform/audit-sink.ts'
import type { AuditLog } from './compose-audit.ts'
import { exportLines } from './export.ts'
import { readReceipt } from './receipt.ts'
import { readLogResource } from './serve-log.ts'

/** The opened log as operations may read it. */
export function createAuditReader(log: AuditLog): AuditReader {
  return {
    resource: (path) => readLogResource(log.pool, path),
    receipt: (eventId) => readReceipt(log.pool, log.sequencer, eventId),
    async head() {
      const { size, note } = await log.sequencer.checkpoint()
      return { origin: log.origin, vkey: log.vkey, size, note }
    },
    exportLines: () => exportLines(log),
  }
}
