import { z } from 'zod'
import { verb } from '#portal/platform/operation.ts'

/** Notes in the log that somebody takes a copy of it; to be called before the copy is made, so that it holds this. */
export const recordAuditExport = verb({
  action: 'audit.export',
  input: z.strictObject({}),
  allow: { role: 'admin', logGrant: true },
  run: async () => ({ result: null, change: { target: { type: 'audit_log', id: 'audit_log' } } }),
})
