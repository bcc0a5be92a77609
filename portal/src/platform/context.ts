import type { IdPrefix } from './ids.ts'
import type { Log } from './log.ts'

export const ROLES = ['guest', 'agency', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const STAFF_GROUPS = ['security', 'compliance', 'finance', 'operations'] as const
export type StaffGroup = (typeof STAFF_GROUPS)[number]

/** Who is asking. `id` is a pseudonym: never an address or a name. */
export type Actor =
  | { kind: 'user'; id: string; role: Role; groups: StaffGroup[]; organisationId: string }
  | { kind: 'viewer'; id: string }
  | { kind: 'system'; id: string }
  | { kind: 'command'; id: string }
  | { kind: 'anonymous'; id: 'anonymous' }

/** What every operation is given beside its input: who, when, where, under which request. */
export type Context = {
  actor: Actor
  requestId: string
  now: Date
  newId: (prefix: IdPrefix) => string
  log: Log
  /** Residency region of this installation, for example "AU". */
  region: string
  /** Keyed hash of the caller's address; raw addresses are never kept. */
  ipHash: string | null
  /** ISO 3166-1 alpha-2 of where the request comes from; null where nothing trusted tells it. */
  country: string | null
}

export const ANONYMOUS: Actor = { kind: 'anonymous', id: 'anonymous' }
