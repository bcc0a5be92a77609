import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { recordRead } from '#portal/platform/operation-events.ts'
import { noteCopy } from './grants/note-copy.ts'
import { eventIdInput } from './inputs.ts'
import { recordAuditExport } from './record-export.ts'

const READERS = { role: 'admin' as const, logGrant: true as const }
const LOG = { type: 'audit_log', id: 'audit_log' }

/** One resource of the log in the C2SP tlog-tiles layout, for auditors' own tools. */
export const readLog = flow({
  action: 'audit.read',
  input: z.strictObject({ path: z.string().max(200) }),
  allow: READERS,
  async run({ app, input, ctx }) {
    const resource = await app.auditReader.resource(input.path)
    if (!resource) throw new AppError('not_found')
    if (input.path.startsWith('tile/entries/')) await noteEntries(app, ctx)
    return resource
  },
})

/** A tool draws a copy by thousands of requests; it is one look into the log, noted once an hour. */
async function noteEntries(app: App, ctx: Context): Promise<void> {
  const grant = ctx.actor.kind === 'user' ? ctx.actor.logGrant : undefined
  if (grant && !(await noteCopy(app.db, grant, ctx.now))) return
  await recordRead(app, 'audit.read', ctx, { target: LOG, details: { part: 'entries' } })
}

/** Proof that one event stands in the log (C2SP tlog-proof), to be checked offline. */
export const getReceipt = flow({
  action: 'audit.receipt',
  input: eventIdInput,
  allow: READERS,
  async run({ app, input, ctx }) {
    const receipt = await app.auditReader.receipt(input.id)
    if (!receipt) throw new AppError('not_found', 'There is no such event.')
    await recordRead(app, 'audit.receipt', ctx, { target: { type: 'audit_event', id: input.id } })
    return receipt
  },
})

/** Verifier keys of the log and its witnesses. Nothing about them is secret; an auditor keeps them elsewhere. */
export const getLogKeys = flow({
  action: 'audit.vkeys',
  input: z.strictObject({}),
  allow: { anyone: true },
  run: async ({ app }) => await app.auditReader.keys(),
})

/** The newest signed head and what an auditor verifies it with; it tells nothing of any event. */
export const getLogHead = flow({
  action: 'audit.head',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  run: async ({ app }) => await app.auditReader.head(),
})

/** The whole log as JSON Lines; the log itself notes who took it, as the last entry of the copy or close to it. */
export const downloadLog = flow({
  action: 'audit.download',
  input: z.strictObject({}),
  allow: READERS,
  async run({ app, ctx }): Promise<AsyncGenerator<string>> {
    await app.call(recordAuditExport, {}, ctx)
    return app.auditReader.exportLines()
  },
})
