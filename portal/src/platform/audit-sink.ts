import type pg from 'pg'
import type { Actor } from './context.ts'
import type { Tx } from './db.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export type Outcome = 'allowed' | 'refused' | 'failed'

export type AuditTarget = { type: string; id: string }

/** What an operation tells the log; the log adds ID, schema version, region, classification. */
export type AuditEventInput = {
  action: string
  actor: Actor
  target: AuditTarget
  outcome: Outcome
  /** Machine-readable reason, snake_case; null where nothing needs a reason. */
  reason: string | null
  requestId: string
  region: string
  time: Date
  /** Small and never personal. */
  details?: { [key: string]: Json }
  /** Personal data, encrypted under the subject's own destroyable key. `subject` is an e-mail address or user ID. */
  personal?: { subject: string; data: { [key: string]: Json } }
}

/**
 * A change of one row, told so that several of a kind can be made by one statement: `set` and `where` name the row
 * `stored` and the values `asked.v1`, `asked.v2`, …
 */
export type RowChange = {
  /** Of the kind: one name, one text. */
  name: string
  /** Its key is a column `id`. */
  table: string
  set: string
  /** The conditions that the decision rests on. */
  where: string
  /** PostgreSQL's types of the values. */
  types: readonly string[]
  /** The first is the row's ID. */
  values: readonly unknown[]
}

/** A row's version (its `xmin`) that the change met, and the one that it made. */
export type RowVersions = { before: string; after: string }

export type AuditSink = {
  /** Appends to the audit log inside the caller's transaction: one statement, or the transaction fails. */
  record(tx: Tx, event: AuditEventInput): Promise<{ id: string }>
  /**
   * Makes a change and appends its event in one statement that commits by itself: both, or neither where the change
   * met no row. Several of a kind that come at once share it. Not for events with personal data. Gives the row's
   * versions, or null where it met none.
   */
  recordWith(
    pool: Pick<pg.Pool, 'query'>,
    event: AuditEventInput,
    change: RowChange,
  ): Promise<RowVersions | null>
}

/** Reads the log back; receipts wait until a signed head covers their event. */
/** Conditions that hold together; those that are not there ask for nothing. */
export type LogSearch = {
  action?: string | undefined
  actor?: string | undefined
  target?: string | undefined
  share?: string | undefined
  outcome?: Outcome | undefined
  text?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

export type AuditReader = {
  /** ID of the grant by which this person may read the log now; null without one. */
  grantOf(userId: string, now: Date): Promise<string | null>
  /** C2SP tlog-tiles: `checkpoint`, `tile/…`; null where the log has no such resource. */
  resource(path: string): Promise<{ body: Buffer; contentType: string; isImmutable: boolean } | null>
  /** Text of an event that stands in the tree; null for any other. */
  entry(eventId: string): Promise<string | null>
  receipt(
    eventId: string,
  ): Promise<{ eventId: string; index: number; entry: string; size: number; text: string } | null>
  /** The newest head with its cosignatures, and who has made them. */
  head(): Promise<{ origin: string; vkey: string; size: number; note: string; witnesses: WitnessState[] }>
  keys(): Promise<PublishedKeys>
  /** How the log does; `isRunning`: whether this process gives events their places. */
  status(): Promise<LogStatus>
  /** The whole log as JSON Lines for the offline verifier; holds a database connection until it ends or is returned. */
  exportLines(): AsyncGenerator<string>
  /** What a search finds, each event with its proof of inclusion under one signed head. */
  exportFound(search: LogSearch, format: 'csv' | 'json'): AsyncGenerator<string>
  /** Signs a statement about the log as its own (C2SP signed-note); its first line is the log's name and what it is. */
  sign(kind: string, lines: readonly string[]): string
}

/** A verifier key of the log, and what it signed: heads of more than `fromSize` and at most `untilSize` entries. */
export type PublishedKey = {
  vkey: string
  state: 'current' | 'next' | 'retired' | 'compromised'
  since: string | null
  until: string | null
  fromSize: number | null
  untilSize: number | null
  /** Signed note by which it took over from the key before; null for the first. */
  statement: string | null
}

export type PublishedKeys = {
  origin: string
  current: string[]
  retired: string[]
  witnesses: string[]
  /** Cosignatures that a head ought to carry. */
  threshold: number
  keys: PublishedKey[]
}

/** A configured witness, and what came of the last time that it was asked. */
export type WitnessState = {
  name: string
  vkey: string
  outcome: string | null
  size: number
  cosignedAt: Date | null
}

export type KeyChangeReason = 'requested' | 'compromised'

/** Changes the key that signs the log's heads; the keys lie outside the database. */
export type AuditKeys = {
  /** Makes a key that signs nothing yet; the one of a change that broke off is taken up again. */
  prepare(): Promise<{ vkey: string; replaces: string }>
  /**
   * Lets it sign from now on, and signs a head with it.
   * @throws AppError conflict where somebody else was first, or the last change is still in its overlap
   */
  activate(
    vkey: string,
    change: { reason: KeyChangeReason; at: Date; overlapMs: number },
  ): Promise<PublishedKeys>
  /** Seals by the newest data key what an older one has sealed. */
  sealAnew(): Promise<void>
  /** How many private halves an older data key has sealed, or none; asks only. */
  countSealedByOlder(): Promise<number>
}

export type LogStatus = {
  isRunning: boolean
  size: number
  /** Events recorded, but not in the tree yet, and the age of the oldest of them. */
  pending: number
  lagMs: number
  /** Since the log last said which head is its newest; null before the first head. */
  headAgeMs: number | null
  /** Why the head is no longer signed; null while all is well. */
  refused: string | null
  witnesses: (WitnessState & { since: Date | null })[]
}
