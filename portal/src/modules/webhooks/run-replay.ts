import { and, count, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { findLooker } from '#portal/modules/uploads/foresee-objects.ts'
import type { App } from '#portal/platform/app.ts'
import type { Db, Tx } from '#portal/platform/db.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import type { ReplayProgress } from './answers.ts'
import { applyEvents } from './apply-events.ts'
import { createFailureNotes } from './apply-job.ts'
import { claimOfReplay } from './claim-events.ts'
import { webhookAttempts, webhookEvents, webhookReplays } from './tables.ts'

const ONE_JOB_MS = 30_000
const PROGRESS_MS = 1000

/** Goes on with a replay; more than one process may, and takes up what another one dropped. */
export const continueReplay = job({
  name: 'webhooks.replay',
  input: z.strictObject({ id: z.string() }),
  maxAttempts: 25,
  async run({ app, input, ctx, signal }) {
    const until = ctx.now.getTime() + ONE_JOB_MS
    const enough = () => signal.aborted || app.clock().getTime() > until
    const { status } = await runReplay(app, input.id, enough)
    if (status === 'done') return
    await app.db.transaction((tx) => orderReplayRun(tx, input.id, enough() ? 0 : LOOK_AGAIN_SECONDS))
  },
})

/** What another process holds is given back within its lease. */
const LOOK_AGAIN_SECONDS = 10

export async function orderReplayRun(tx: Tx, id: string, inSeconds: number): Promise<void> {
  await tx.execute(sql`select graphile_worker.add_job(${continueReplay.name}, ${JSON.stringify({ id })}::json,
    queue_name := 'webhooks.replay', run_at := now() + make_interval(secs => ${inSeconds}::float8),
    max_attempts := ${continueReplay.maxAttempts}, job_key := ${`webhooks.replay:${id}`})`)
}

/** Tries each letter of a replay once. Ends when none is left, or when it was `enough`. */
export async function runReplay(app: App, id: string, enough: () => boolean): Promise<ReplayProgress> {
  const [row] = await app.db.select().from(webhookReplays).where(eq(webhookReplays.id, id))
  if (!row) return { id, status: 'done', found: 0, applied: 0, failed: 0 }
  if (row.finishedAt)
    return { id, status: 'done', found: row.found, applied: row.applied, failed: row.failed }
  const failures = createFailureNotes()
  let toldAt = Number.NEGATIVE_INFINITY
  const tellProgress = async () => {
    const now = app.clock()
    if (now.getTime() - toldAt < PROGRESS_MS) return
    toldAt = now.getTime()
    await app.db.update(webhookReplays).set({ progressAt: now }).where(eq(webhookReplays.id, id))
  }
  try {
    const looker = await findLooker(app, row.found)
    await applyEvents(app, {
      origin: row.origin,
      replayId: id,
      async claim(limit) {
        await tellProgress()
        return await claimOfReplay(app.pool, id, app.clock(), limit)
      },
      lookerFor: async () => looker,
      enough,
      onResult: failures.note,
    })
  } finally {
    await failures.tell(app)
  }
  return await finishIfDone(app, id, row.found)
}

/** Tries of a replay so far, counted where each one is written down: exact whoever died in between. */
export async function countTries(
  db: Db | Tx,
  replayId: string,
): Promise<{ applied: number; failed: number }> {
  const [row] = await db
    .select({
      applied: sql<number>`count(*) filter (where ${webhookAttempts.outcome} = 'applied')::int`,
      failed: sql<number>`count(*) filter (where ${webhookAttempts.outcome} = 'failed')::int`,
    })
    .from(webhookAttempts)
    .where(eq(webhookAttempts.replayId, replayId))
  return row ?? { applied: 0, failed: 0 }
}

const recordEnd = verb({
  action: 'webhook.finish-replay',
  input: z.strictObject({ id: z.string() }),
  allow: { system: true },
  async run({ tx, input: { id }, ctx }) {
    const { applied, failed } = await countTries(tx, id)
    const [row] = await tx
      .update(webhookReplays)
      .set({ applied, failed, finishedAt: ctx.now, progressAt: ctx.now })
      .where(and(eq(webhookReplays.id, id), isNull(webhookReplays.finishedAt)))
      .returning()
    return {
      result: row ?? null,
      change: {
        target: { type: 'webhook_replay', id },
        outcome: failed > 0 ? 'failed' : 'allowed',
        ...(failed > 0 ? { reason: 'letters_failed' } : {}),
        details: { applied, failed },
      },
    }
  },
})

async function finishIfDone(app: App, id: string, found: number): Promise<ReplayProgress> {
  const [left] = await app.db
    .select({ letters: count() })
    .from(webhookEvents)
    .where(and(eq(webhookEvents.replayId, id), eq(webhookEvents.state, 'dead')))
  if ((left?.letters ?? 0) > 0) return { id, status: 'running', found, ...(await countTries(app.db, id)) }
  const ended = await app.call(recordEnd, { id }, app.newContext({ kind: 'system', id: 'webhooks.replay' }))
  const { applied, failed } = ended ?? (await countTries(app.db, id))
  if (ended) await tellEnd(app, ended)
  return { id, status: 'done', found, applied, failed }
}

type Replay = typeof webhookReplays.$inferSelect

async function tellEnd(app: App, { id, askedAt, finishedAt, failed, found }: Replay): Promise<void> {
  const seconds = ((finishedAt ?? askedAt).getTime() - askedAt.getTime()) / 1000
  const outcome = failed > 0 ? 'failed' : 'applied'
  app.telemetry.observe('portal.dead_letter.replay.duration', { outcome }, seconds)
  const key = 'webhooks.replay-failed'
  if (failed === 0) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({
    key,
    severity: 'warning',
    summary: 'A replay of dead letters left some of them dead. They are replayed again by themselves.',
    details: { replay_id: id, failed, found },
  })
}
