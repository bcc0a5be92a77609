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

/** One parameterised data-changing statement; with the name it is planned once a connection. */
export type Statement = { text: string; values: unknown[]; name: string }

export type AuditSink = {
  /** Appends to the audit log inside the caller's transaction: one statement, or the transaction fails. */
  record(tx: Tx, event: AuditEventInput): Promise<{ id: string }>
  /**
   * Makes a change and appends its event in one statement that commits by itself: both, or neither where the change
   * met no row. Not for events with personal data. Gives whether it met one.
   */
  recordWith(pool: Pick<pg.Pool, 'query'>, event: AuditEventInput, change: Statement): Promise<boolean>
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
