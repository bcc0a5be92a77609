import type { IdPrefix } from './ids.ts'
import type { Log } from './log.ts'

export const ROLES = ['guest', 'agency', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const STAFF_GROUPS = ['security', 'compliance', 'finance', 'operations', 'support'] as const
export type StaffGroup = (typeof STAFF_GROUPS)[number]

/** Rights for hours that a second person agreed to: those of a group, or to read one organisation's videos. */
export type EmergencyRight = {
  id: string
  group: StaffGroup | null
  organisationId: string | null
  endsAt: Date
}

export type Owes = 'prove' | 'set-up'

/** Who is asking. `id` is a pseudonym: never an address or a name. */
export type Actor =
  | {
      kind: 'user'
      id: string
      role: Role
      groups: StaffGroup[]
      organisationId: string
      /** The session that this person came by; none with an API key. */
      sessionId?: string
      /** A second factor that this session still owes: to show the one there is, or to set one up. */
      owes?: Owes
      /** Whoever uses the session has not shown for a while that it is they: too long for what is sensitive. */
      stale?: true
      /** Set where a program asks by one of this person's keys: what the person may do, narrowed to the scopes. */
      apiKey?: { id: string; scopes: readonly string[] }
      /** Emergency grants that run now; never with an API key. */
      emergency?: readonly EmergencyRight[]
      /** The emergency grant that this very call leans on. */
      emergencyUsed?: string
      /** The grant by which this very call reads the audit log. */
      logGrant?: string
    }
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
  /**
   * Set where this request is still being counted: whether it is admitted. Rejects where it is refused. Nothing that leaves a
   * trace may be done before it is settled.
   */
  admission?: Promise<unknown>
  /** The operation of which this call is a step; set by `call` alone, never by a door. */
  stepOf?: string
}

export const ANONYMOUS: Actor = { kind: 'anonymous', id: 'anonymous' }
