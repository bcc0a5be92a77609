import { randomBytes } from 'node:crypto'
import type { StoragePort } from '#engine/storage/port.ts'

/**
 * A file as objects below one prefix, each named by where it begins and how long it is. Names hold a nonce, so that no
 * writer ever replaces what another has put: the part known to be there only grows.
 */
export type Piece = {
  key: string
  /** Where its used part begins in the file. */
  at: number
  /** Bytes at its start that earlier pieces hold already. */
  skip: number
  /** Bytes of it that are used. */
  bytes: number
}

/** Longest piece of a running upload. */
export const MAX_PIECE_BYTES = 8 * 1024 * 1024

const NAME = /^(\d{15})-(\d{1,15})-[0-9a-f]{8}$/
const pad = (offset: number) => String(offset).padStart(15, '0')

export function pieceKey(prefix: string, start: number, length: number): string {
  return `${prefix}${pad(start)}-${length}-${randomBytes(4).toString('hex')}`
}

/**
 * The pieces that give the longest prefix of the file without a gap, in order; where several overlap, the one that
 * reaches furthest. `known` bytes are taken for granted and not looked at again. Objects of another length than their
 * name says are broken off and do not count.
 */
export async function coverOf(
  storage: StoragePort,
  prefix: string,
  known = 0,
): Promise<{ pieces: Piece[]; length: number }> {
  const pieces: Piece[] = []
  let length = known
  let best: { key: string; start: number; end: number } | null = null
  const take = () => {
    if (!best || best.end <= length) return false
    const skip = length - best.start
    pieces.push({ key: best.key, at: length, skip, bytes: best.end - length })
    length = best.end
    best = null
    return true
  }
  const from = known > 0 ? `${prefix}${pad(Math.max(0, known - MAX_PIECE_BYTES))}` : undefined
  for await (const { key, bytes } of storage.walk(prefix, from)) {
    const match = NAME.exec(key.slice(prefix.length))
    if (!match || Number(match[2]) !== bytes) continue
    const start = Number(match[1])
    if (start > length && (!take() || start > length)) break
    if (!best || start + bytes > best.end) best = { key, start, end: start + bytes }
  }
  take()
  return { pieces, length }
}
