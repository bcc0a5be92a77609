import type { App } from './app.ts'
import type { AuditTarget, Json } from './audit-sink.ts'
import type { Actor, Context } from './context.ts'
import { ERROR_CODES, isAppError, type Refusal } from './errors.ts'

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

/** The event of what an operation did, for the log. */
export function eventOf(action: string, ctx: Context, change: Change) {
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

/** Leaves an event of who was refused what, and why; in its own transaction, since nothing else was done. */
export async function recordRefusal(app: App, action: string, ctx: Context, refusal: Refusal): Promise<void> {
  const target = refusal.target ?? { type: 'operation', id: action }
  await app.db.transaction((tx) =>
    app.audit.record(
      tx,
      eventOf(action, ctx, { target, actor: refusal.actor, reason: refusal.reason, outcome: 'refused' }),
    ),
  )
}

/**
 * Leaves an event where a change broke off by our fault or a vendor's, not by the caller's. Where the log cannot take
 * it either, as with no database, the first error is still the one that the caller gets.
 */
export async function recordFailure(app: App, action: string, ctx: Context, error: unknown): Promise<void> {
  const code = isAppError(error) ? error.code : 'internal'
  if (ERROR_CODES[code].status < 500) return
  const change = { target: { type: 'operation', id: action }, reason: code, outcome: 'failed' as const }
  await app.db
    .transaction((tx) => app.audit.record(tx, eventOf(action, ctx, change)))
    .catch((err) => ctx.log.error({ err, action }, 'a failure left no event'))
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
