import { and, eq } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { decideReconciliationInput, startReconciliationInput } from '../inputs.ts'
import { reconciliationFindings as findings, reconciliations } from '../tables.ts'
import { reconcileStep } from './reconcile-step.ts'
import { supersedeHeld } from './store-reconciliation.ts'

/**
 * Begins a comparison with the video service; the queue goes on with it.
 * @throws AppError conflict while another runs
 */
export const startReconciliation = verb({
  action: 'reconciliation.start',
  input: startReconciliationInput,
  allow: { role: 'admin', system: true },
  async run({ tx, input, ctx, actor, settings, enqueue }) {
    const id = ctx.newId('rec')
    const { rowCount } = await tx
      .insert(reconciliations)
      .values({
        ...{ id, provider: settings.videoProvider, mode: input.mode, askedBy: actor.id },
        ...{ startedAt: ctx.now, updatedAt: ctx.now },
      })
      .onConflictDoNothing()
    if (!rowCount) throw new AppError('conflict', 'A comparison runs already. Wait until it is done.')
    if (input.mode === 'apply') await supersedeHeld(tx, ctx.now)
    await enqueue(reconcileStep, { id }, { key: `reconcile:${id}` })
    return {
      result: { id, status: 'running' as const },
      change: { target: { type: 'reconciliation', id }, details: { mode: input.mode } },
    }
  },
})

/**
 * A person's word on a run that found unusually much to end or delete: go on with it, or leave everything as it is.
 * @throws AppError conflict where it does not wait for one any more
 */
export const decideReconciliation = verb({
  action: 'reconciliation.decide',
  input: decideReconciliationInput,
  allow: { role: 'admin', groups: ['operations', 'security'] },
  async run({ tx, input, ctx, actor, enqueue }) {
    const { id, decision, reason } = input
    const [run] = await tx.select().from(reconciliations).where(eq(reconciliations.id, id)).for('update')
    if (!run) throw new AppError('not_found', 'There is no such comparison.')
    if (run.status !== 'held') throw new AppError('conflict', 'This comparison waits for nobody any more.')
    const decided = { decision, decidedBy: actor.id, decidedAt: ctx.now, updatedAt: ctx.now }
    if (decision === 'leave') {
      await tx
        .update(reconciliations)
        .set({ ...decided, status: 'done' })
        .where(eq(reconciliations.id, id))
    } else {
      const again = { status: 'running' as const, stage: 'repair' as const, place: 'agreed', held: 0 }
      await tx
        .update(reconciliations)
        .set({ ...decided, ...again, finishedAt: null })
        .where(eq(reconciliations.id, id))
      await tx
        .update(findings)
        .set({ state: 'open' })
        .where(and(eq(findings.lastSeenIn, id), eq(findings.state, 'held')))
      await enqueue(reconcileStep, { id }, { key: `reconcile:${id}` })
    }
    return {
      result: { id, status: decision === 'leave' ? ('done' as const) : ('running' as const) },
      change: {
        target: { type: 'reconciliation', id },
        reason: decision,
        details: { deletions: run.held, why: reason },
      },
    }
  },
})
