import { crc32 } from 'node:zlib'
import { randomBase58 } from '#portal/platform/ids.ts'

/**
 * `mmk_`, 32 random characters of base58 (187 bits), 6 of a CRC-32 over them. The prefix and the checksum let scanners
 * of source code and logs find a leaked key without asking anybody, and let us refuse a mistyped one unasked.
 */
const KEY = /^mmk_([1-9A-HJ-NP-Za-km-z]{32})([1-9A-HJ-NP-Za-km-z]{6})$/
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A new key, to be shown once. */
export function newApiKey(): string {
  const random = randomBase58(32)
  return `mmk_${random}${checksum(random)}`
}

/** Whether a bearer secret claims to be an API key of ours; others (cron, metrics) are somebody else's to judge. */
export function claimsToBeApiKey(secret: string): boolean {
  return secret.startsWith('mmk_')
}

/** Whether it has the form and the checksum of one. */
export function looksLikeApiKey(secret: string): boolean {
  const [, random, sum] = KEY.exec(secret) ?? []
  return random !== undefined && checksum(random) === sum
}

function checksum(text: string): string {
  let rest = crc32(text)
  let sum = ''
  for (let at = 0; at < 6; at++) {
    sum = ALPHABET[rest % 58] + sum
    rest = Math.floor(rest / 58)
  }
  return sum
}
