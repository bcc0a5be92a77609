import type { App } from './app.ts'
import type { VerbScope } from './operation.ts'

/** Whom an erasure is about: whatever the portal may know them by. */
export type ErasedPerson = {
  /** Of somebody with an account. */
  userId: string | null
  /** Lower case: present, former, and those that the request names beside. */
  addresses: string[]
  /** Full names of two words and more, looked for in what others wrote. */
  names: string[]
}

export type ErasureDeed = 'deleted' | 'replaced' | 'redacted' | 'ended' | 'transferred' | 'searched'

/** What was done to how many rows, or files, of one place. Never personal: it goes into the log. */
export type ErasedRows = { place: string; did: ErasureDeed; rows: number }

export type EraseScope = Pick<
  VerbScope<unknown>,
  'tx' | 'ctx' | 'actor' | 'keys' | 'settings' | 'enqueue' | 'telemetry'
> & {
  person: ErasedPerson
  /** Who gets the videos; null: they are deleted. */
  successorId: string | null
}

/**
 * One module's part of an erasure. It may run again after it has run: it finds nothing then, and that is the proof.
 * The order of all parts stands in modules/privacy/order-erasers.ts.
 */
export type Eraser = {
  /** Its name in the evidence. */
  step: string
  /** The module's rows, in the one transaction of all. */
  erase: (scope: EraseScope) => Promise<ErasedRows[]>
  /** Whether what lies outside the database is gone too: files, the video service. */
  isSettled?: (app: App, person: ErasedPerson) => Promise<boolean>
}

/** What stands in a row in the place of somebody who was erased. `.invalid` never leads anywhere (RFC 2606). */
export const ERASED_NAME = 'Erased person'
export const ERASED_ADDRESS = 'erased@erased.invalid'
export const ERASED_DOMAIN = '@erased.invalid'

/** Only what met something is worth telling. */
export function told(place: string, did: ErasureDeed, rows: number | null): ErasedRows[] {
  return rows ? [{ place, did, rows }] : []
}
