import type { z } from 'zod'
import { refusedByKey, takesPerson } from './api-key-scopes.ts'
import type { App } from './app.ts'
import type { AuditTarget, Json, RowChange, RowVersions } from './audit-sink.ts'
import {
  type Actor,
  ANONYMOUS,
  type Context,
  type Owes,
  ROLES,
  type Role,
  type StaffGroup,
} from './context.ts'
import type { Db, Tx } from './db.ts'
import { isDeadlock } from './deadlock.ts'
import type { Settings } from './env.ts'
import { AppError, ERROR_CODES, isAppError, Refusal } from './errors.ts'
import { type EnqueueOptions, enqueue, type JobOrder } from './job.ts'
import type { Keys } from './keys.ts'
import { deferTelemetry, type Telemetry } from './telemetry.ts'

/**
 * Who may call an operation, as data, so that the permission matrix can be printed and tested.
 * Which objects they may touch is decided in `run`, by loading them in the actor's scope.
 */
export type Allow = {
  /** The least role; an administrator may do what an agency user may. */
  role?: Role
  /** Staff groups of which one is needed, beside the role. */
  groups?: StaffGroup[]
  /** A grant to read the audit log is needed, beside the role. */
  logGrant?: true
  /** Viewers of a share, known by their viewer session. */
  viewer?: true
  /** Anybody, signed in or not. */
  anyone?: true
  /** The portal's own jobs. */
  system?: true
  /** Also for a session that still owes its second factor, at these points. */
  owing?: readonly Owes[]
}

export type Change = {
  target: AuditTarget
  /** Where the operation itself found out who is asking, for example from a viewer's cookie. */
  actor?: Actor
  details?: { [key: string]: Json }
  reason?: string
  /** Encrypted under the subject's own key before it enters the log. */
  personal?: { subject: string; data: { [key: string]: Json } }
  /** `refused` where the operation answers a refusal and must still keep what it counted. */
  outcome?: 'allowed' | 'refused' | 'failed'
}

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
export type QuickScope<I> = Omit<ReadScope<I>, 'db'> & { db: Db }
export type QuickPlan<P> = {
  result: P
  change: Change
  write: RowChange
  /** Told of the write's end; null where it met no row. */
  settled: (row: RowVersions | null) => void
}
export type FlowScope<I> = { app: App; input: I; ctx: Context; actor: Actor }

type Base<I> = { action: string; input: z.ZodType<I>; allow: Allow }

export type Operation<I, R> = Base<I> & {
  kind: 'read' | 'verb' | 'flow'
  execute: (app: App, input: I, ctx: Context) => Promise<R>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of operations has as many input types as members
export type AnyOperation = Operation<any, any>

/** A read-only transaction. */
export function read<I, R>(def: Base<I> & { run: (scope: ReadScope<I>) => Promise<R> }): Operation<I, R> {
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
  def: Base<I> & { run: (scope: VerbScope<I>) => Promise<{ result: R; change: Change; also?: Change[] }> },
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
 * A verb for the few paths where every round trip counts: look without a transaction, decide, then the change and its
 * event in one statement. Its WHERE carries again what the decision rests on. `finish` works out the answer while the
 * statement is under way; what it made leaves this function only behind the commit. Gives null where `run` finds that
 * this is no case for it, or where the change met no row: the caller then takes the ordinary way.
 */
export function quickVerb<I, P, R>(
  def: Base<I> & {
    run: (scope: QuickScope<I>) => Promise<QuickPlan<P> | null>
    finish: (app: App, planned: P) => Promise<R>
  },
): Operation<I, R | null> {
  return {
    ...def,
    kind: 'verb',
    async execute(app, input, ctx) {
      const { db, keys, settings } = app
      const planned = await def.run({ db, input, ctx, actor: ctx.actor, keys, settings })
      if (!planned) return null
      const event = eventOf(def.action, ctx, planned.change)
      const [row, result] = await Promise.all([
        app.audit.recordWith(app.pool, event, planned.write),
        def.finish(app, planned.result),
      ])
      planned.settled(row)
      return row === null ? null : result
    },
  }
}

/** Composes verbs and ports around a vendor call; holds no transaction. */
export function flow<I, R>(def: Base<I> & { run: (scope: FlowScope<I>) => Promise<R> }): Operation<I, R> {
  return {
    ...def,
    kind: 'flow',
    execute: (app, input, ctx) => def.run({ app, input, ctx, actor: ctx.actor }),
  }
}

/**
 * The one way into an operation: permission, input, execution; refusals leave their event in the log.
 * @throws AppError unauthenticated, forbidden, invalid, or what the operation throws
 */
export async function call<I, R>(
  app: App,
  op: Operation<I, R>,
  rawInput: unknown,
  given: Context,
): Promise<R> {
  const entered = withoutSecondFactor(op.allow, given)
  if (!entered) {
    await recordRefusal(app.db, app, op.action, given, new Refusal('second_factor'))
    throw new AppError('second_factor')
  }
  // A key can only take away: what its owner may not do is refused below, whatever its scopes say.
  const refused = refusedByKey(entered.actor, op.action)
  if (refused) {
    await recordRefusal(app.db, app, op.action, entered, new Refusal(refused))
    throw new AppError('forbidden', KEY_REFUSALS[refused])
  }
  const granted = await leanOnLogGrant(app, op, entered)
  const ctx = leanOnEmergency(op, granted)
  const verdict = permits(op.allow, ctx.actor)
  if (verdict !== 'allowed') {
    const lacksGrant =
      op.allow.logGrant && permits({ ...op.allow, logGrant: undefined }, ctx.actor) === 'allowed'
    const refusal = new Refusal(lacksGrant ? 'log_grant' : 'role')
    if (ctx.actor.kind !== 'anonymous') await recordRefusal(app.db, app, op.action, ctx, refusal)
    throw new AppError(verdict, lacksGrant ? NO_LOG_GRANT : undefined)
  }
  if (ctx !== granted) await recordUse(app, op.action, ctx)
  const input = parseInput(op.input, rawInput)
  try {
    return await op.execute(app, input, ctx)
  } catch (error) {
    if (error instanceof Refusal) {
      await recordRefusal(app.db, app, op.action, ctx, error)
      throw new AppError('forbidden')
    }
    if (op.kind !== 'read') await recordFailure(app, op.action, ctx, error)
    throw error
  }
}

/**
 * Leaves an event where a change broke off by our fault or a vendor's, not by the caller's. Where the log cannot take
 * it either, as with no database, the first error is still the one that the caller gets.
 */
async function recordFailure(app: App, action: string, ctx: Context, error: unknown): Promise<void> {
  const code = isAppError(error) ? error.code : 'internal'
  if (ERROR_CODES[code].status < 500) return
  const change = { target: { type: 'operation', id: action }, reason: code, outcome: 'failed' as const }
  await app.db
    .transaction((tx) => app.audit.record(tx, eventOf(action, ctx, change)))
    .catch((err) => ctx.log.error({ err, action }, 'a failure left no event'))
}

/** Looks for the caller's grant to read the log, where that is what they want; it is named in each event of the call. */
async function leanOnLogGrant(app: App, { allow }: AnyOperation, ctx: Context): Promise<Context> {
  if (!allow.logGrant || ctx.actor.kind !== 'user') return ctx
  const logGrant = await app.auditReader.grantOf(ctx.actor.id, ctx.now)
  return logGrant === null ? ctx : { ...ctx, actor: { ...ctx.actor, logGrant } }
}

const LOG_READERS: readonly StaffGroup[] = ['security', 'compliance']

/**
 * Adds the group of a running emergency grant where the caller's own groups do not do. Never where a person decides
 * over rights or over an emergency: a grant must not prolong or make another.
 */
function leanOnEmergency(op: Pick<AnyOperation, 'action' | 'allow'>, ctx: Context): Context {
  const { actor } = ctx
  if (actor.kind !== 'user' || !actor.emergency || permits(op.allow, actor) !== 'forbidden') return ctx
  if (takesPerson(op.action)) return ctx
  // A second person agreed to it, each use is logged, it ends within hours: as good as a grant to read the log.
  const groups = op.allow.groups ?? (op.allow.logGrant ? LOG_READERS : [])
  const right = actor.emergency.find(
    ({ group, endsAt }) => group !== null && endsAt > ctx.now && groups.includes(group),
  )
  if (!right?.group) return ctx
  return { ...ctx, actor: { ...actor, groups: [...actor.groups, right.group], emergencyUsed: right.id } }
}

/** Leaves an event that this call leans on an emergency grant; a reading call would leave none. */
export async function recordUse(app: App, action: string, ctx: Context): Promise<void> {
  const id = ctx.actor.kind === 'user' ? ctx.actor.emergencyUsed : undefined
  if (id === undefined) throw new Error(`${action}: no emergency grant is in use`)
  const change: Change = { target: { type: 'emergency_grant', id }, details: { operation: action } }
  await recordRead(app, 'emergency.use', ctx, change)
}

/** Leaves an event of a flow that changes nothing and is noted all the same, such as a look into the audit log. */
export async function recordRead(app: App, action: string, ctx: Context, change: Change): Promise<void> {
  await app.db.transaction((tx) => app.audit.record(tx, eventOf(action, ctx, change)))
}

const NO_LOG_GRANT = 'Reading the log takes a grant. Ask for one under Audit log, Access.'

const KEY_REFUSALS = {
  key_is_no_person: 'This takes a person: an API key can’t do it. Sign in on the portal’s pages.',
  key_scope: 'This API key’s scopes don’t cover this. Make a key whose scopes do.',
}

/**
 * What a session that owes its second factor may do: what the operation names, and what anybody may, as anybody.
 * Null where that is nothing.
 */
function withoutSecondFactor(allow: Allow, ctx: Context): Context | null {
  const owes = ctx.actor.kind === 'user' ? ctx.actor.owes : undefined
  if (!owes || allow.owing?.includes(owes)) return ctx
  return allow.anyone ? { ...ctx, actor: ANONYMOUS } : null
}

/** Whether the rule lets this actor in at all; pure. */
export function permits(allow: Allow, actor: Actor): 'allowed' | 'unauthenticated' | 'forbidden' {
  if (allow.anyone) return 'allowed'
  if (actor.kind === 'system') return allow.system ? 'allowed' : 'forbidden'
  // A command runs with the database's own rights; it acts as an administrator of every group.
  if (actor.kind === 'command') return allow.role || allow.system ? 'allowed' : 'forbidden'
  if (actor.kind === 'viewer') return allow.viewer ? 'allowed' : 'forbidden'
  if (actor.kind === 'anonymous') return 'unauthenticated'
  if (!allow.role || ROLES.indexOf(actor.role) < ROLES.indexOf(allow.role)) return 'forbidden'
  if (allow.groups && !allow.groups.some((group) => actor.groups.includes(group))) return 'forbidden'
  if (allow.logGrant && !actor.logGrant && !actor.emergencyUsed) return 'forbidden'
  return 'allowed'
}

/** Parses with the operation's schema; every fault is named with its path. */
export function parseInput<I>(schema: z.ZodType<I>, value: unknown): I {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.') || 'body',
    message: issue.message,
  }))
  throw new AppError('invalid', errors.map((e) => `${e.path}: ${e.message}`).join('; '), { errors })
}

function eventOf(action: string, ctx: Context, change: Change) {
  return {
    action,
    actor: change.actor ?? ctx.actor,
    target: change.target,
    outcome: change.outcome ?? ('allowed' as const),
    reason: change.reason ?? null,
    requestId: ctx.requestId,
    region: ctx.region,
    time: ctx.now,
    details: { ...change.details, ...meansOf(ctx.actor) },
    personal: change.personal,
  }
}

/** By what means a person came, beside their session: part of each of their events. */
function meansOf(actor: Actor): { [key: string]: string } {
  if (actor.kind !== 'user') return {}
  return {
    ...(actor.apiKey ? { api_key_id: actor.apiKey.id } : {}),
    ...(actor.emergencyUsed ? { emergency_grant_id: actor.emergencyUsed } : {}),
    ...(actor.logGrant ? { log_grant_id: actor.logGrant } : {}),
  }
}

async function recordRefusal(
  db: Db,
  app: App,
  action: string,
  ctx: Context,
  refusal: Refusal,
): Promise<void> {
  const target = refusal.target ?? { type: 'operation', id: action }
  await db.transaction((tx) =>
    app.audit.record(
      tx,
      eventOf(action, ctx, { target, actor: refusal.actor, reason: refusal.reason, outcome: 'refused' }),
    ),
  )
}
