import { takesPerson } from './api-key-scopes.ts'
import type { App } from './app.ts'
import {
  type Actor,
  ANONYMOUS,
  type Context,
  type Owes,
  ROLES,
  type Role,
  type StaffGroup,
} from './context.ts'

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
  /** Whoever asks has shown within the last minutes that it is they: for what a stolen session must not do. */
  fresh?: true
}

type Guarded = { action: string; allow: Allow }

/**
 * What a session that owes its second factor may do: what the operation names, and what anybody may, as anybody.
 * Null where that is nothing.
 */
export function withoutSecondFactor(allow: Allow, ctx: Context): Context | null {
  const owes = ctx.actor.kind === 'user' ? ctx.actor.owes : undefined
  if (!owes || allow.owing?.includes(owes)) return ctx
  return allow.anyone ? { ...ctx, actor: ANONYMOUS } : null
}

/** Whether this takes a proof of identity that is newer than the session's last one; pure. */
export function takesProof(allow: Allow, actor: Actor): boolean {
  if (!allow.fresh || actor.kind !== 'user' || !actor.stale) return false
  // Whoever sets their first factor up has none to show.
  return !(actor.owes && allow.owing?.includes(actor.owes))
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

/** Looks for the caller's grant to read the log, where that is what they want; it is named in each event of the call. */
export async function leanOnLogGrant(app: App, { allow }: Guarded, ctx: Context): Promise<Context> {
  if (!allow.logGrant || ctx.actor.kind !== 'user') return ctx
  const logGrant = await app.auditReader.grantOf(ctx.actor.id, ctx.now)
  return logGrant === null ? ctx : { ...ctx, actor: { ...ctx.actor, logGrant } }
}

const LOG_READERS: readonly StaffGroup[] = ['security', 'compliance']

/**
 * Adds the group of a running emergency grant where the caller's own groups do not do. Never where a person decides
 * over rights or over an emergency: a grant must not prolong or make another.
 */
export function leanOnEmergency(op: Guarded, ctx: Context): Context {
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
