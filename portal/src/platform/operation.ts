import type { z } from 'zod'
import { refusedByKey } from './api-key-scopes.ts'
import type { App } from './app.ts'
import type { Actor, Context } from './context.ts'
import type { Db, Tx } from './db.ts'
import { isDeadlock } from './deadlock.ts'
import type { Settings } from './env.ts'
import { AppError, isAppError, Refusal } from './errors.ts'
import { type EnqueueOptions, enqueue, type JobOrder } from './job.ts'
import type { Keys } from './keys.ts'
import { type Change, eventOf, recordFailure, recordRefusal, recordUse } from './operation-events.ts'
import {
  type Allow,
  leanOnEmergency,
  leanOnLogGrant,
  permits,
  takesProof,
  withoutSecondFactor,
} from './permission.ts'
import { readAhead } from './read-ahead.ts'
import { alreadyTold, isTold } from './refusals.ts'
import { unstorableIn } from './storable-text.ts'
import { deferTelemetry, type Telemetry } from './telemetry.ts'

export type VerbScope<I> = {
  tx: Tx
  input: I
  ctx: Context
  actor: Actor
  keys: Keys
  settings: Settings
  /** Adds a job that exists if and only if this transaction commits. */
  enqueue: <P>(job: JobOrder<P>, payload: P, options?: EnqueueOptions) => Promise<void>
  /** Counts if and only if this transaction commits. */
  telemetry: Telemetry
}

export type ReadScope<I> = { db: Tx; input: I; ctx: Context; actor: Actor; keys: Keys; settings: Settings }
export type FlowScope<I> = { app: App; input: I; ctx: Context; actor: Actor }

export type OperationBase<I> = { action: string; input: z.ZodType<I>; allow: Allow }

export type Operation<I, R> = OperationBase<I> & {
  kind: 'read' | 'verb' | 'flow'
  execute: (app: App, input: I, ctx: Context) => Promise<R>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of operations has as many input types as members
export type AnyOperation = Operation<any, any>

/** A read-only transaction. */
export function read<I, R>(
  def: OperationBase<I> & { run: (scope: ReadScope<I>) => Promise<R> },
): Operation<I, R> {
  return {
    ...def,
    kind: 'read',
    execute: (app, input, ctx) =>
      app.db.transaction(
        (db) => def.run({ db, input, ctx, actor: ctx.actor, keys: app.keys, settings: app.settings }),
        { accessMode: 'read only' },
      ),
  }
}

/**
 * A change: run, record the audit event, commit: one transaction, no network client in reach.
 * A failing audit insert rolls back the change and the jobs it enqueued. `also`: events of further objects that one
 * change meets.
 */
export function verb<I, R>(
  def: OperationBase<I> & {
    run: (scope: VerbScope<I>) => Promise<{ result: R; change: Change; also?: Change[] }>
  },
): Operation<I, R> {
  return {
    ...def,
    kind: 'verb',
    async execute(app, input, ctx) {
      const { result, counted } = await repeatedly(app.db, async (tx) => {
        const counted = deferTelemetry(app.telemetry)
        const scope: VerbScope<I> = {
          tx,
          input,
          ctx,
          actor: ctx.actor,
          keys: app.keys,
          settings: app.settings,
          enqueue: (job, payload, options) => enqueue(tx, job, payload, options),
          telemetry: counted.telemetry,
        }
        const { result, change, also = [] } = await def.run(scope)
        for (const one of [change, ...also]) await app.audit.record(tx, eventOf(def.action, ctx, one))
        return { result, counted }
      })
      counted.commit()
      return result
    },
  }
}

const MOST_TRIES = 3

/** One of two transactions that wait for each other is ended by PostgreSQL, and has done nothing: it may come again. */
async function repeatedly<R>(db: Db, run: (tx: Tx) => Promise<R>, tries = 1): Promise<R> {
  try {
    return await db.transaction(run)
  } catch (error) {
    if (!isDeadlock(error) || tries >= MOST_TRIES) throw error
    return await repeatedly(db, run, tries + 1)
  }
}

/**
 * Composes verbs and ports around a vendor call; holds no transaction. What it calls by its context are its steps: they ask
 * again who the caller is and what they may, and leave events of their own, but an API key's scopes named the flow.
 */
export function flow<I, R>(
  def: OperationBase<I> & { run: (scope: FlowScope<I>) => Promise<R> },
): Operation<I, R> {
  return {
    ...def,
    kind: 'flow',
    execute: (app, input, ctx) =>
      def.run({ app, input, ctx: { ...ctx, stepOf: def.action }, actor: ctx.actor }),
  }
}

const withoutSession = (action: string) => ({
  ...{ action, reason: 'no_session', target: { type: 'operation', id: action } },
})

const NO_LOG_GRANT = 'Reading the log takes a grant. Ask for one under Audit log, Access.'

const KEY_REFUSALS = {
  key_is_no_person: 'This takes a person: an API key can’t do it. Sign in on the portal’s pages.',
  key_scope: 'This API key’s scopes don’t cover this. Make a key whose scopes do.',
}

/**
 * The one way into an operation: permission, input, execution; refusals leave their event in the log. Where the request is
 * still being counted, what only reads is begun meanwhile; everything else waits.
 * @throws AppError unauthenticated, forbidden, invalid, what the operation throws, or what refuses the request
 */
export async function call<I, R>(
  app: App,
  op: Operation<I, R>,
  rawInput: unknown,
  given: Context,
): Promise<R> {
  if (!given.admission) return await enter(app, op, rawInput, given)
  const begun = readAhead(app, op, rawInput, given)
  await given.admission
  return await enter(app, begun ? { ...op, execute: () => begun } : op, rawInput, given)
}

async function enter<I, R>(app: App, op: Operation<I, R>, rawInput: unknown, given: Context): Promise<R> {
  const entered = withoutSecondFactor(op.allow, given)
  if (!entered) {
    await recordRefusal(app, op.action, given, new Refusal('second_factor'))
    throw alreadyTold(new AppError('second_factor'))
  }
  // A key can only take away: what its owner may not do is refused below, whatever its scopes say.
  const refused = refusedByKey(entered, op.action)
  if (refused) {
    await recordRefusal(app, op.action, entered, new Refusal(refused))
    throw alreadyTold(new AppError('forbidden', KEY_REFUSALS[refused]))
  }
  const granted = await leanOnLogGrant(app, op, entered)
  const ctx = leanOnEmergency(op, granted)
  const verdict = permits(op.allow, ctx.actor)
  if (verdict !== 'allowed') {
    const lacksGrant =
      op.allow.logGrant && permits({ ...op.allow, logGrant: undefined }, ctx.actor) === 'allowed'
    const refusal = new Refusal(lacksGrant ? 'log_grant' : 'role')
    await (verdict === 'unauthenticated'
      ? app.refusals.note(withoutSession(op.action), ctx)
      : recordRefusal(app, op.action, ctx, refusal))
    throw alreadyTold(new AppError(verdict, lacksGrant ? NO_LOG_GRANT : undefined))
  }
  if (takesProof(op.allow, ctx.actor)) {
    await recordRefusal(app, op.action, ctx, new Refusal('stale_session'))
    throw alreadyTold(new AppError('reauthenticate'))
  }
  if (ctx !== granted) await recordUse(app, op.action, ctx)
  const input = parseInput(op.input, rawInput)
  try {
    return await op.execute(app, input, ctx)
  } catch (error) {
    if (error instanceof Refusal) {
      await recordRefusal(app, op.action, ctx, error)
      // Not for the caller: the door notices by it what happens there.
      throw alreadyTold(Object.assign(new AppError('forbidden'), { cause: error }))
    }
    if (isAppError(error) && error.code === 'forbidden' && !isTold(error)) {
      await recordRefusal(app, op.action, ctx, new Refusal('forbidden'))
      throw alreadyTold(error)
    }
    if (op.kind !== 'read') await recordFailure(app, op.action, ctx, error)
    throw error
  }
}

/** Parses with the operation's schema; every fault is named with its path. */
export function parseInput<I>(schema: z.ZodType<I>, value: unknown): I {
  const found = unstorableIn(value)
  if (found) throw new AppError('invalid', `${found.path}: ${found.message}`, { errors: [found] })
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.') || 'body',
    message: issue.message,
  }))
  throw new AppError('invalid', errors.map((e) => `${e.path}: ${e.message}`).join('; '), { errors })
}
