import { keyedHash } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'

/** By what a rule's use of a subject is known in counts and throttlings: a keyed hash, in hex. */
export function limitIdentity(keys: Keys, by: string, subject: string): string {
  return keyedHash(keys.hash, 'limit', `${by}:${subject}`).toString('hex').slice(0, 32)
}
