import { AppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { recordRead } from '#portal/platform/operation-events.ts'
import type { Erasure } from './answers.ts'
import { ERASURE_DECIDERS } from './erasure-staff.ts'
import { erasureIdInput } from './inputs.ts'
import { getErasure } from './list-erasures.ts'

export type ErasureEvidence = {
  format: 'motion-mavericks-erasure'
  version: 1
  exportedAt: string
  erasure: Omit<Erasure, 'person' | 'reach' | 'mine'>
  /** Events of this erasure in the log, each with a receipt that the offline verifier checks. */
  events: { index: number; leafHash: string; event: unknown; receipt: string }[]
}

/**
 * The evidence of one erasure: what was removed where, how much, when, who asked and who decided, and the receipts of
 * its events. Holds nothing of the person.
 */
export const exportErasure = flow({
  action: 'privacy.export-erasure',
  input: erasureIdInput,
  allow: ERASURE_DECIDERS,
  async run({ app, input, ctx }): Promise<ErasureEvidence> {
    const { person: _person, reach: _reach, mine: _mine, ...erasure } = await app.call(getErasure, input, ctx)
    if (erasure.status !== 'done')
      throw new AppError('conflict', 'There is evidence once the erasure is done.')
    const change = { target: { type: 'erasure', id: input.id }, details: { reference: erasure.reference } }
    await recordRead(app, 'privacy.export-erasure', ctx, change)
    const events: ErasureEvidence['events'] = []
    for await (const line of app.auditReader.exportFound({ target: input.id }, 'json'))
      for (const one of line.split('\n')) if (one) events.push(JSON.parse(one))
    return {
      format: 'motion-mavericks-erasure',
      version: 1,
      exportedAt: ctx.now.toISOString(),
      erasure,
      events: events.filter(({ receipt }) => receipt !== undefined),
    }
  },
})
