import { asc, count, countDistinct, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, read, type VerbScope, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import type { ReplayPlan, ReplayProgress } from './answers.ts'
import { replayLetterInput, replayLettersInput, type Selection, selectionShape } from './inputs.ts'
import { orderReplayRun, runReplay } from './run-replay.ts'
import { selected } from './select-letters.ts'
import { webhookEvents } from './tables.ts'
import { takeLetters } from './take-letters.ts'

export const MENDERS: Allow = { role: 'admin', groups: ['operations'] }

/** So many are done while the request waits; more go on by a job. */
const AT_ONCE = 20
const PATIENCE_MS = 12_000
/** Should the process that does it die. */
const TAKEN_UP_SECONDS = 60
const SHOWN = 20

const selectionInput = z.strictObject(selectionShape)

/** What a replay would do. */
const planReplay = read({
  action: 'webhook.replay',
  input: selectionInput,
  allow: MENDERS,
  async run({ db, input }): Promise<ReplayPlan> {
    const where = selected(input)
    const [total] = await db
      .select({ found: count(), objects: countDistinct(webhookEvents.subject) })
      .from(webhookEvents)
      .where(where)
    const causes = await db
      .select({ cause: webhookEvents.cause, letters: count() })
      .from(webhookEvents)
      .where(where)
      .groupBy(webhookEvents.cause)
    const letters = await db
      .select({
        id: webhookEvents.id,
        type: webhookEvents.type,
        objectId: webhookEvents.objectId,
        cause: webhookEvents.cause,
        attempts: webhookEvents.attempts,
      })
      .from(webhookEvents)
      .where(where)
      .orderBy(asc(webhookEvents.receivedAt))
      .limit(SHOWN)
    return {
      dryRun: true,
      found: total?.found ?? 0,
      objects: total?.objects ?? 0,
      causes: causes.map(({ cause, letters: n }) => ({ cause: cause ?? 'unexpected', letters: n })),
      letters,
    }
  },
})

/** Takes these letters for a replay, which is one try each. */
const recordReplay = verb({
  action: 'webhook.replay',
  input: selectionInput,
  allow: MENDERS,
  async run(scope: VerbScope<Selection>) {
    const { input, actor } = scope
    const origin = actor.kind === 'command' ? 'command' : 'person'
    const { id, found, change } = await takeLetters(scope, {
      where: selected(input),
      origin,
      selection: input,
    })
    const waits = origin === 'command' || found <= AT_ONCE
    await orderReplayRun(scope.tx, id, waits ? TAKEN_UP_SECONDS : 0)
    return { result: { id, found, waits }, change }
  },
})

/**
 * Tries dead letters again, once each: all, or of a cause, a type, a time. A few are done before the answer comes; many
 * go on by a job. A command waits for all of them.
 */
export const replayLetters = flow({
  action: 'webhook.replay',
  input: replayLettersInput,
  allow: MENDERS,
  async run({ app, input: { dryRun, ...selection }, ctx, actor }): Promise<ReplayPlan | ReplayProgress> {
    if (dryRun) return await app.call(planReplay, selection, ctx)
    const { id, found, waits } = await app.call(recordReplay, selection, ctx)
    if (!waits) return { id, status: 'running', found, applied: 0, failed: 0 }
    const until = actor.kind === 'command' ? Number.POSITIVE_INFINITY : ctx.now.getTime() + PATIENCE_MS
    return await runReplay(app, id, () => app.clock().getTime() > until)
  },
})

/** Tries one dead letter again. @throws AppError not_found, conflict where it is none, or is being replayed */
export const replayLetter = flow({
  action: 'webhook.replay-one',
  input: replayLetterInput,
  allow: MENDERS,
  async run({ app, input, ctx }) {
    await mustBeDead(app, input.id)
    return await app.call(replayLetters, { ids: [input.id], dryRun: input.dryRun }, ctx)
  },
})

async function mustBeDead(app: App, id: string): Promise<void> {
  const [row] = await app.db
    .select({ state: webhookEvents.state, replayId: webhookEvents.replayId })
    .from(webhookEvents)
    .where(eq(webhookEvents.id, id))
  if (!row) throw new AppError('not_found')
  if (row.state === 'applied')
    throw new AppError('conflict', 'This event has been applied: nothing is left to do.')
  if (row.state === 'discarded') throw new AppError('conflict', 'This event was discarded: that is for good.')
  if (row.state === 'pending')
    throw new AppError(
      'conflict',
      'This event is still tried by itself. It can be replayed once it is a dead letter.',
    )
  if (row.replayId) throw new AppError('conflict', 'A replay has this event in hand. Look again in a moment.')
}
