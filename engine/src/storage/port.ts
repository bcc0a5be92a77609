import type { Readable } from 'node:stream'

/** A byte range, both ends inclusive, as in HTTP. */
export type ByteRange = { start: number; end: number }

export type StoredBody = Buffer | Buffer[] | { path: string }

/** A stored object. Nothing is held open until `stream` is called. */
export type StoredObject = {
  /** Bytes. */
  size: number
  /** Opens the bytes; destroying the stream closes whatever it holds. */
  stream(range?: ByteRange): Readable
}

/**
 * Where finished files are kept. Keys are `a/b/c` (see `assertKey`); objects are immutable once put:
 * a second put of a key replaces it whole, and a reader sees the old or the new one, never a mixture.
 */
export type StoragePort = {
  /** Stores bytes (in one or several pieces), or the file at a path, which is moved away. Durable when it resolves. */
  put(key: string, body: StoredBody): Promise<void>
  /** Objects that become durable together: many small ones cost far fewer waits than a `put` each. */
  batch(): StorageBatch
  /** Null if there is no such object. */
  open(key: string): Promise<StoredObject | null>
  /** The whole object, or null if there is none. */
  readAll(key: string): Promise<Buffer | null>
  /** Removing nothing is fine. */
  delete(key: string): Promise<void>
  /** Removes every object whose key begins with `prefix`, which ends in '/'. Removing nothing is fine. */
  deletePrefix(prefix: string): Promise<void>
  /** Keys that begin with `prefix` (empty for all), sorted. */
  list(prefix: string): Promise<string[]>
  /** The same with sizes and ages, without holding all of them; only keys that sort behind `after` if it is given. */
  walk(prefix: string, after?: string): AsyncIterable<ListedObject>
  /** Throws StorageError if objects can't be kept or read just now. */
  check(): Promise<void>
  /** An address that anybody may GET the object from for so long; only where the store itself serves. */
  presign?(key: string, seconds: number): Promise<string>
  /** Lets go of connections. */
  close(): Promise<void>
}

export type StorageBatch = {
  /** As StoragePort's, for keys that nobody reads yet; durable only when the next `settle` resolves. */
  put(key: string, body: StoredBody): Promise<void>
  /** Makes durable what was put since the last call; may be called often. */
  settle(): Promise<void>
}

export type ListedObject = {
  key: string
  bytes: number
  /** When it was put. */
  at: Date
}

/**
 * The place itself fails: full, down, slow or refusing. What was asked for may succeed later, so callers wait and
 * try again, answer 503, and blame no file. Holds no credentials and nothing of an object's contents.
 */
export class StorageError extends Error {
  /** A short word for logs and health: 'full', 'timeout', 'ECONNREFUSED', '503', 'AccessDenied'. */
  readonly code: string

  constructor(action: string, code: string) {
    super(`storage: ${action} failed: ${code}`)
    this.name = 'StorageError'
    this.code = code
  }
}

const DISK_TROUBLE = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'ESTALE',
  'ENODEV',
  'EFBIG',
  'EMFILE',
  'ENFILE',
])

/** The short word for a failure of the place, or null where the failure is another one. */
export function storageTrouble(error: unknown): string | null {
  if (error instanceof StorageError) return error.code
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code !== undefined && DISK_TROUBLE.has(code) ? code : null
}

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/**
 * Refuses keys that could mean something else to a file system or a bucket: empty parts, '.', '..',
 * hidden names, absolute paths, anything but letters, digits, '.', '_' and '-'. At most 512 characters.
 */
export function assertKey(key: string): void {
  if (key.length > 512 || !key.split('/').every((part) => PART.test(part))) {
    throw new Error('unsafe storage key')
  }
}

/** A prefix is a key followed by '/', so that `assets/ab/` never reaches `assets/abc/`. */
export function assertPrefix(prefix: string): void {
  if (!prefix.endsWith('/')) throw new Error('a storage prefix ends in a slash')
  assertKey(prefix.slice(0, -1))
}
