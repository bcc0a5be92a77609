import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `length` random characters 0-9A-Za-z, each uniform (5.95 bits). */
export function newId(length = 40): string {
  let id = ''
  while (id.length < length) {
    for (const byte of randomBytes(length + 16)) {
      // 248 = 4 · 62: bytes above would favour the first characters.
      if (byte < 248 && id.length < length) id += ALPHABET[byte % 62]
    }
  }
  return id
}

/** 44 characters, so that no page and no other route of the origin can be mistaken for one. */
export function newPlaybackId(): string {
  return newId(44)
}
