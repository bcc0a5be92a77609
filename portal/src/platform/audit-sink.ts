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

export type AuditSink = {
  /** Appends to the audit log inside the caller's transaction: one statement, or the transaction fails. */
  record(tx: Tx, event: AuditEventInput): Promise<{ id: string }>
  /**
   * Makes a change and appends its event in one statement that commits by itself: both, or neither where the change
   * met no row. Several of a kind that come at once share it. Not for events with personal data. Gives whether it met
   * its row.
   */
  recordWith(pool: Pick<pg.Pool, 'query'>, event: AuditEventInput, change: RowChange): Promise<boolean>
}

/** Reads the log back; receipts wait until a signed head covers their event. */
export type AuditReader = {
  /** C2SP tlog-tiles: `checkpoint`, `tile/…`; null where the log has no such resource. */
  resource(path: string): Promise<{ body: Buffer; contentType: string; isImmutable: boolean } | null>
  receipt(eventId: string): Promise<{ eventId: string; index: number; size: number; text: string } | null>
  head(): Promise<{ origin: string; vkey: string; size: number; note: string }>
  /** The whole log as JSON Lines for the offline verifier; holds a database connection until it ends or is returned. */
  exportLines(): AsyncGenerator<string>
}
