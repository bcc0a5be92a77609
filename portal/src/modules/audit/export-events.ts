import { flow } from '#portal/platform/operation.ts'
import { recordRead } from '#portal/platform/operation-events.ts'
import { exportAuditEventsInput } from './inputs.ts'
import { shapeOf } from './log-reading.ts'

/** What a search finds, as a file with proofs; the log notes who took it, and by what was asked. */
export const exportAuditEvents = flow({
  action: 'audit.export-events',
  input: exportAuditEventsInput,
  allow: { role: 'admin', logGrant: true },
  async run({ app, input: { format, ...search }, ctx }): Promise<AsyncGenerator<string>> {
    const { filters } = shapeOf(search)
    await recordRead(app, 'audit.export-events', ctx, {
      target: { type: 'audit_log', id: 'audit_log' },
      details: { format, filters },
    })
    return app.auditReader.exportFound(search, format)
  },
})
