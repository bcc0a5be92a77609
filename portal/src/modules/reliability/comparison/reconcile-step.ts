import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { advanceReconciliation } from './advance-reconciliation.ts'
import { findReconciliation, writeStep } from './store-reconciliation.ts'

/** One job goes on for so long, then makes room for others. */
const TURN_MS = 20_000
const ELSEWHERE_SECONDS = 15
const TRIES = 8

const stepInput = z.strictObject({ id: z.string() })

/** Goes on with a run, turn by turn, until it is over. */
export const reconcileStep = job({
  name: 'reliability.reconcile-step',
  input: stepInput,
  maxAttempts: TRIES,
  async run({ app, ctx, input, signal, attempt }) {
    try {
      const progress = await takeTurn(app, ctx, input.id, signal)
      if (progress === 'over') return
      const inSeconds = progress === 'elsewhere' ? ELSEWHERE_SECONDS : 0
      await app.db.transaction((tx) =>
        enqueue(tx, { ...reconcileStep }, input, { inSeconds, key: `reconcile:${input.id}` }),
      )
    } catch (error) {
      if (attempt >= TRIES) await giveUp(app, ctx, input.id)
      throw error
    }
  },
})

async function takeTurn(app: App, ctx: Context, id: string, signal: AbortSignal) {
  const until = app.clock().getTime() + TURN_MS
  for (;;) {
    const progress = await advanceReconciliation(app, ctx, id)
    if (progress !== 'more' || signal.aborted || app.clock().getTime() > until) return progress
  }
}

async function giveUp(app: App, ctx: Context, id: string): Promise<void> {
  const run = await findReconciliation(app.db, id)
  if (run?.status !== 'running') return
  await writeStep(app.db, run, { status: 'failed', finishedAt: ctx.now, updatedAt: ctx.now })
  await app.ports.alerts.raise({
    key: 'reconciliation.failed',
    severity: 'warning',
    summary: 'The comparison with the video service could not be finished; what it found so far is kept.',
    details: { run: id, stage: run.stage },
  })
}
