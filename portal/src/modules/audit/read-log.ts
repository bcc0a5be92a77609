import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { eventIdInput } from './inputs.ts'
import { recordAuditExport } from './record-export.ts'

const auditors = { role: 'admin', groups: ['security', 'compliance'] } as const

/** One resource of the log in the C2SP tlog-tiles layout, for auditors' own tools. */
export const readLog = flow({
  action: 'audit.read',
  input: z.strictObject({ path: z.string().max(200) }),
  allow: { role: auditors.role, groups: [...auditors.groups] },
  async run({ app, input }) {
    const resource = await app.auditReader.resource(input.path)
    if (!resource) throw new AppError('not_found')
    return resource
  },
})

/** Proof that one event stands in the log (C2SP tlog-proof), to be checked offline. */
export const getReceipt = flow({
  action: 'audit.receipt',
  input: eventIdInput,
  allow: { role: auditors.role, groups: [...auditors.groups] },
  async run({ app, input }) {
    const receipt = await app.auditReader.receipt(input.id)
    if (!receipt) throw new AppError('not_found', 'There is no such event.')
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

/** The newest signed head and what an auditor verifies it with. */
export const getLogHead = flow({
  action: 'audit.head',
  input: z.strictObject({}),
  allow: { role: auditors.role, groups: [...auditors.groups] },
  run: async ({ app }) => await app.auditReader.head(),
})

/** The whole log as JSON Lines; the log itself notes who took it, as the last entry of the copy or close to it. */
export const downloadLog = flow({
  action: 'audit.download',
  input: z.strictObject({}),
  allow: { role: auditors.role, groups: [...auditors.groups] },
  async run({ app, ctx }): Promise<AsyncGenerator<string>> {
    await app.call(recordAuditExport, {}, ctx)
    return app.auditReader.exportLines()
  },
})
