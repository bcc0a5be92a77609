import type { AuditReader } from '#portal/platform/audit-sink.ts'
import type { AuditLog } from './compose-audit.ts'
import { cosignedCheckpoint } from './cosigned.ts'
import { exportLines } from './export.ts'
import { exportFound } from './export-found.ts'
import { logAccessOf } from './grants/log-access-of.ts'
import { signNote } from './note.ts'
import { publishedKeys } from './published-keys.ts'
import { findEntry, readReceipt } from './receipt.ts'
import { readLogResource } from './serve-log.ts'
import { readWitnesses } from './witness/read-witnesses.ts'

/** The opened log as operations may read it. */
export function createAuditReader(log: AuditLog): AuditReader {
  return {
    resource: (path) => readLogResource(log.pool, path, log),
    grantOf: async (userId, now) => (await logAccessOf(log.pool, userId, now))?.id ?? null,
    entry: async (eventId) => (await findEntry(log, eventId))?.entry ?? null,
    receipt: (eventId) => readReceipt(log, eventId),
    async head() {
      const newest = await log.sequencer.checkpoint()
      const { size, note } = (await cosignedCheckpoint(log.pool, log.policy, log.clock())) ?? newest
      return { origin: log.origin, vkey: log.vkey, size, note, witnesses: await readWitnesses(log) }
    },
    async status() {
      const { isRunning, size, pending, lagMs, headAgeMs, refused } = await log.sequencer.status()
      return { isRunning, size, pending, lagMs, headAgeMs, refused, witnesses: await readWitnesses(log) }
    },
    keys: async () => publishedKeys(log),
    exportLines: () => exportLines(log),
    exportFound: (search, format) => exportFound(log, search, format),
    sign: (kind, lines) => signNote(`${[`${log.origin} ${kind}`, ...lines].join('\n')}\n`, log.signers),
  }
}
