import type { Readable } from 'node:stream'

export type StoredFile = {
  bytes: number
  /** Opens the bytes; destroying the stream closes whatever it holds. */
  stream(): Promise<Readable>
}

/** Where the portal keeps files of its own: copies made for viewers. Keys are `a/b`, see `assertKey`. */
export type StoragePort = {
  readonly kind: 'disk' | 's3'
  /** Stores the file at `path`, which stays the caller's; whole and durable once it resolves, or not there. */
  putFile(key: string, path: string): Promise<void>
  /** Null where there is none. */
  open(key: string): Promise<StoredFile | null>
  /** Deleting nothing is fine. */
  delete(key: string): Promise<void>
  /** Keys that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>
}

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** @throws Error for a key that could mean something else to a file system or a bucket */
export function assertKey(key: string): void {
  if (key.length > 200 || !key.split('/').every((part) => PART.test(part)))
    throw new Error('unsafe storage key')
}
