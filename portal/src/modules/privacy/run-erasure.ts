import { and, eq, sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { ErasedPerson, ErasedRows } from '#portal/platform/erasure.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { openPerson } from './erased-person.ts'
import { erasureIdInput } from './inputs.ts'
import { lookForTraces } from './look-for-traces.ts'
import { ERASERS } from './order-erasers.ts'
import { erasureSteps, erasures } from './tables.ts'

/** Of one try: whoever is still coming in after so many is for somebody to look at. */
const MOST_ROUNDS = 5

/**
 * Every module's part, in one transaction: all of it, or nothing. A round that finds nothing more is the proof that
 * the ones before it found everything.
 */
const eraseRound = verb({
  action: 'privacy.erase',
  input: erasureIdInput,
  allow: { system: true },
  async run(scope) {
    const { tx, input, ctx, keys } = scope
    const [row] = await tx.select().from(erasures).where(eq(erasures.id, input.id)).for('update')
    if (row?.status !== 'running' || !row.personSealed) throw new AppError('conflict', 'Nothing to erase.')
    const person = openPerson(keys, row.id, row.personSealed)
    const removed: ErasedRows[] = []
    for (const [place, { step, erase }] of ERASERS.entries()) {
      const done = await erase({ ...scope, person, successorId: row.successorId })
      await tx
        .insert(erasureSteps)
        .values({ erasureId: row.id, round: row.round, place, step, removed: done, doneAt: ctx.now })
      removed.push(...done)
    }
    await tx
      .update(erasures)
      .set({ round: row.round + 1 })
      .where(eq(erasures.id, row.id))
    return {
      result: { found: removed.length, person },
      change: {
        target: { type: 'erasure', id: row.id },
        reason: row.reason,
        details: { round: row.round, removed: removed.slice(0, 100) },
      },
    }
  },
})

/** The end: whom it was about is forgotten here too; the evidence stays. */
const finishErasure = verb({
  action: 'privacy.finish-erasure',
  input: erasureIdInput,
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const [row] = await tx
      .update(erasures)
      .set({ status: 'done', finishedAt: ctx.now, personSealed: null, personHash: null, failure: null })
      .where(and(eq(erasures.id, input.id), eq(erasures.status, 'running')))
      .returning()
    if (!row) throw new AppError('conflict', 'This erasure is over already.')
    const { rows } = await tx.execute<{ rows: number; places: number }>(sql`
      select coalesce(sum((one ->> 'rows')::int), 0)::int as rows, count(distinct one ->> 'place')::int as places
      from erasure_steps, jsonb_array_elements(removed) one where erasure_id = ${row.id}`)
    return {
      result: null,
      change: {
        target: { type: 'erasure', id: row.id },
        reason: row.reason,
        details: { rounds: row.round - 1, rows: rows[0]?.rows ?? 0, places: rows[0]?.places ?? 0 },
      },
    }
  },
})

/**
 * Erases until a round finds nothing, what lies outside the database is gone, and a look through every table meets no
 * trace. May be run again at any point.
 * @throws AppError unavailable while something outside is still to come, with its step; conflict where a trace is left
 */
export async function runErasure(app: App, ctx: Context, id: string): Promise<void> {
  const person = await eraseAll(app, ctx, id)
  for (const { step, isSettled } of ERASERS)
    if (isSettled && !(await isSettled(app, person)))
      throw new AppError('unavailable', `${step} still waits for files or the video service.`)
  const traces = await lookForTraces(app, person)
  if (traces.length > 0) throw new AppError('conflict', `Traces are left in: ${traces.join(', ')}.`)
  await app.call(finishErasure, { id }, ctx)
}

async function eraseAll(app: App, ctx: Context, id: string): Promise<ErasedPerson> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { found, person } = await app.call(eraseRound, { id }, { ...ctx, now: app.clock() })
    if (found === 0) return person
  }
  throw new AppError('conflict', `Each of ${MOST_ROUNDS} rounds found something new.`)
}
