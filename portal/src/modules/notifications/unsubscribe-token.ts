import { equalInConstantTime, keyedHash } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'

/** A person's pseudonym under a key of ours: it can turn their mails off and do nothing else, and never ends. */
export function unsubscribeToken(keys: Keys, userId: string): string {
  return `${userId}.${keyedHash(keys.hash, 'unsubscribe', userId).toString('base64url')}`
}

/** Whose token it is; null where it is none of ours. */
export function whoUnsubscribes(keys: Keys, token: string): string | null {
  const userId = token.split('.')[0] ?? ''
  return equalInConstantTime(token, unsubscribeToken(keys, userId)) ? userId : null
}
