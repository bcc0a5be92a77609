import { keyedHash } from './crypto.ts'
import type { Keys } from './keys.ts'

// One Buffer a key: what keyedHash imports of it is remembered by it.
const buffers = new Map<string, Buffer>()

function bufferOf(key: string): Buffer {
  const known = buffers.get(key) ?? Buffer.from(key, 'base64url')
  buffers.set(key, known)
  return known
}

/**
 * A keyed hash in place of an address or another thing that can be guessed, or as the signature of a word of ours. Its key
 * is replaced while the portal runs: nothing may be looked up by it for longer than a count or a log lasts.
 */
export function mark({ marks }: Pick<Keys, 'marks'>, purpose: string, value: string): Buffer {
  return keyedHash(bufferOf(marks.current()), purpose, value)
}

/** The same under every key that holds, the one in use first: what a word that came back may be signed by. */
export function acceptedMarks({ marks }: Pick<Keys, 'marks'>, purpose: string, value: string): Buffer[] {
  return marks.accepted().map((key) => keyedHash(bufferOf(key), purpose, value))
}

/** The same under every key there is, ended ones as well: what rows of theirs may stand under. */
export function everyMark({ marks }: Pick<Keys, 'marks'>, purpose: string, value: string): Buffer[] {
  return marks.known().map((key) => keyedHash(bufferOf(key), purpose, value))
}

/** Whether any fits; where none does, once more with what another process may have changed meanwhile. */
export function isMarked({ marks }: Pick<Keys, 'marks'>, fits: () => boolean): boolean {
  if (fits()) return true
  marks.lookAgain()
  return fits()
}
