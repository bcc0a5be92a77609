import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'

/** Lines kept in memory while the disk takes none. */
const MOST_WAITING = 100_000
const ROTATE_BYTES = 16 * 1024 * 1024
const ROTATE_MS = 60_000

/**
 * One process's list of what it sent, appended to synchronously (some 1 µs a line), so that a killed process loses
 * nothing. A full disk keeps lines in memory until it takes them; what goes beyond that is counted as lost and said.
 */
export type UsageJournal = {
  append(key: string, bytes: number, size: number, hour: number): void
  /** What is known of a rendition, so that its lines can be read when its row is gone. */
  define(line: string): void
  /** The file that is being written: its batch id, length, how far it is imported, its bytes; null while there is none. */
  current(): { id: string; size: number; imported: number; read(offset: number): Buffer } | null
  /** Tells how far the current file is imported; one that is done with goes away. */
  imported(id: string, bytes: number): void
  /** Ends writing; a file that is wholly imported goes away. */
  close(): void
}

type OpenFile = { id: string; path: string; fd: number; size: number; since: number }

export function createUsageJournal(folder: string, log: Logger): UsageJournal {
  let file: OpenFile | null = null
  const waiting: string[] = []
  let lost = 0
  let whole = 0

  function openFile(): OpenFile {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const id = randomUUID()
    const path = join(folder, `${id}.log`)
    return { id, path, fd: openSync(path, 'ax+', 0o600), size: 0, since: Date.now() }
  }
  function write(text: string): void {
    file ??= openFile()
    const written = writeSync(file.fd, text)
    if (written < Buffer.byteLength(text)) {
      ftruncateSync(file.fd, file.size)
      throw new Error('the disk took only a part')
    }
    file.size += written
  }
  function add(line: string): void {
    if (waiting.length > 0) {
      keep(line)
      return
    }
    try {
      write(line)
    } catch (error) {
      log.error({ err: error }, 'usage can’t be written to disk; it is kept in memory')
      keep(line)
    }
  }
  function keep(line: string): void {
    if (waiting.length < MOST_WAITING) waiting.push(line)
    else lost += 1
  }
  function retry(): void {
    if (waiting.length === 0) return
    try {
      write(waiting.join(''))
      waiting.length = 0
      if (lost > 0) log.error({ lost }, 'answers were not counted, as neither disk nor memory had room')
      lost = 0
    } catch {
      // Said when it began; the next tick tries again.
    }
  }
  return {
    append: (key, bytes, size, hour) => add(`${key} ${bytes} ${size} ${hour}\n`),
    define: add,
    current() {
      retry()
      const now = file
      return (
        now && { id: now.id, size: now.size, imported: whole, read: (offset) => readFrom(now.fd, offset) }
      )
    },
    imported(id, bytes) {
      whole = bytes
      if (file?.id !== id || file.size !== bytes) return
      const taken = fstatSync(file.fd).nlink === 0
      if (!taken && bytes < ROTATE_BYTES && Date.now() - file.since < ROTATE_MS) return
      drop(file)
      file = null
      whole = 0
    },
    close() {
      if (file && whole === file.size) drop(file)
      else if (file) closeSync(file.fd)
      file = null
    },
  }
}

function drop(file: OpenFile): void {
  closeSync(file.fd)
  rmSync(file.path, { force: true })
}

const PIECE_BYTES = 4 * 1024 * 1024

/** At most 4 MiB from an offset on. */
export function readFrom(fd: number, offset: number): Buffer {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(0, fstatSync(fd).size - offset)))
  return piece.subarray(0, readSync(fd, piece, 0, piece.length, offset))
}
