import { type Actor, ROLES } from '../../portal/src/platform/context.ts'
import { isAppError } from '../../portal/src/platform/errors.ts'
import type { Allow } from '../../portal/src/platform/permission.ts'
import type { ObjectKind } from './objects.ts'

export type Verdict = 'allow' | 'deny'

/**
 * Who reaches an object of an operation, column by column: `all` whom the operation lets in, `staff` alone
 * (administrators and the command line), or `none`.
 */
export type Reach = Record<ObjectKind, 'all' | 'staff' | 'none'>

/**
 * What ought to happen, from the operation's declared rule and the reach of its objects alone. Written apart from
 * the product's own check on purpose: two readings of one declaration.
 */
export function expectedVerdict(allow: Allow, reach: Reach | null, actor: Actor, kind: ObjectKind): Verdict {
  if (!isLetIn(allow, actor)) return 'deny'
  if (!reach) return 'allow'
  // The command line acts for every organisation: all that lives is its own.
  const column = actor.kind === 'command' && !allow.anyone && kind !== 'deleted' ? 'own' : kind
  if (reach[column] === 'none') return 'deny'
  const staff = actor.kind === 'command' || (actor.kind === 'user' && actor.role === 'admin')
  if (reach[column] === 'staff') return staff ? 'allow' : 'deny'
  // Whoever belongs to no organisation has nothing of their own.
  const own = kind === 'own' || kind === 'deleted'
  return allow.anyone || !own || actor.kind === 'user' || staff ? 'allow' : 'deny'
}

// What only a person does for themselves, or as the second person to somebody else.
const OF_PERSONS =
  /^(account|api-key|audit-access|emergency|session|staff)\.|\.(approve|confirm|decide|decline|review)(-|$)/

/** The same for whoever came by an API key: it takes away what its scopes do not name, and what takes a person. */
export function expectedByKey(action: string, actor: Actor, verdict: Verdict): Verdict {
  if (actor.kind !== 'user' || !actor.apiKey) return verdict
  const [area] = action.split('.', 1)
  const named = actor.apiKey.scopes.includes(action) || actor.apiKey.scopes.includes(`${area}.*`)
  return named && !OF_PERSONS.test(action) ? verdict : 'deny'
}

/** The same for a route: what lies under /api/admin is staff's alone, also where the operation knows owners. */
export function expectedByRoute(path: string, actor: Actor, verdict: Verdict): Verdict {
  const staff = actor.kind === 'user' && actor.role === 'admin'
  return path.startsWith('/api/admin/') && !staff ? 'deny' : verdict
}

function isLetIn(allow: Allow, actor: Actor): boolean {
  if (allow.anyone) return true
  switch (actor.kind) {
    case 'anonymous':
      return false
    case 'system':
      return allow.system === true
    case 'viewer':
      return allow.viewer === true
    case 'command':
      return allow.role !== undefined || allow.system === true
    case 'user': {
      const high = allow.role !== undefined && ROLES.indexOf(actor.role) >= ROLES.indexOf(allow.role)
      if (allow.logGrant && !actor.logGrant) return false
      if (allow.fresh && actor.stale) return false
      return high && (!allow.groups || allow.groups.some((group) => actor.groups.includes(group)))
    }
  }
}

/**
 * What an answer of the HTTP door means; null where it is neither, which is a fault of the example or the product.
 * Who is told that it is too late for this (409, 410) has been let in.
 */
export function verdictOfStatus(status: number): Verdict | null {
  if ((status >= 200 && status < 300) || status === 409 || status === 410) return 'allow'
  return status === 401 || status === 403 || status === 404 ? 'deny' : null
}

const REFUSALS = ['unauthenticated', 'forbidden', 'reauthenticate', 'not_found']

/** What a thrown error means; null as above. */
export function verdictOfError(error: unknown): Verdict | null {
  if (!isAppError(error)) return null
  if (error.code === 'conflict' || error.code === 'gone') return 'allow'
  return REFUSALS.includes(error.code) ? 'deny' : null
}
