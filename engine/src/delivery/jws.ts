import type { KeyObject } from 'node:crypto'
import { compactVerify, type JWK } from 'jose'

/**
 * Verifies a compact JWS strictly: three parts in canonical base64url (RFC 7515, 2: no padding, no stray bits,
 * no other letters), one of the given algorithms, no critical extensions. Throws whatever is wrong.
 */
export async function verifyJws(token: string, key: KeyObject | JWK, algorithms: string[]): Promise<void> {
  if (!isCanonicalJws(token)) throw new Error('not a compact JWS')
  await compactVerify(token, key, { algorithms })
}

/** Whether each of the three parts is what encoding its bytes would give; an empty payload is allowed. */
export function isCanonicalJws(token: string): boolean {
  const parts = token.split('.')
  return (
    parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  )
}
