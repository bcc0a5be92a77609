import { and, eq, lt } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { eraseOrder } from './erase-order.ts'
import { ERASURE_WAITS_DAYS } from './rules.ts'
import { runErasure } from './run-erasure.ts'
import { erasures } from './tables.ts'

/** Tries, some minutes together, after which people are told. */
const TELL_AFTER = 5
const alertOf = (id: string) => `privacy.erase:${id}`

/** Erases; tried again until it is done. What holds it up stands in its row, and from the fifth try in an alert. */
export const erasePerson = job({
  ...eraseOrder,
  async run({ app, ctx, input, attempt }) {
    const running = and(eq(erasures.id, input.id), eq(erasures.status, 'running'))
    const [row] = await app.db.select({ id: erasures.id }).from(erasures).where(running)
    if (!row) return
    try {
      await runErasure(app, ctx, input.id)
      await app.ports.alerts.resolve(alertOf(input.id))
    } catch (error) {
      const failure = isAppError(error) ? error.message.slice(0, 200) : 'internal'
      await app.db.update(erasures).set({ failure }).where(running)
      if (attempt >= TELL_AFTER) await tell(app, input.id, failure)
      throw error
    }
  },
})

async function tell(app: App, id: string, failure: string): Promise<void> {
  await app.ports.alerts.raise({
    key: alertOf(id),
    severity: 'critical',
    summary: 'The erasure of a person is not done: it is tried again, and somebody should look why.',
    audience: ['compliance', 'operations'],
    details: { erasure: id, held_up_by: failure },
  })
}

/** Daily: takes up what the queue has given up or lost, and reminds of what waits for a second person. */
export const tendErasures = job({
  name: 'privacy.tend-erasures',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '41 4 * * *',
  async run({ app }) {
    const running = await app.db
      .select({ id: erasures.id })
      .from(erasures)
      .where(eq(erasures.status, 'running'))
    for (const { id } of running)
      await app.db.transaction((tx) => enqueue(tx, eraseOrder, { id }, { key: `erase:${id}` }))
    await remind(app)
  },
})

async function remind(app: App): Promise<void> {
  const before = new Date(app.clock().getTime() - ERASURE_WAITS_DAYS * 86_400_000)
  const waiting = await app.db.$count(
    erasures,
    and(eq(erasures.status, 'pending'), lt(erasures.askedAt, before)),
  )
  if (waiting === 0) return await app.ports.alerts.resolve('privacy.erasures-wait')
  await app.ports.alerts.raise({
    key: 'privacy.erasures-wait',
    severity: 'warning',
    summary: 'Erasures wait for a second person. The law gives a month from the request.',
    audience: ['compliance', 'security'],
    details: { waiting },
  })
}
