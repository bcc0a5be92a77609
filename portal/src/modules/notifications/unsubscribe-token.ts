import { equalInConstantTime } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { acceptedMarks, isMarked, mark } from '#portal/platform/mark.ts'

const PURPOSE = 'unsubscribe'
const tokenOf = (userId: string, hash: Buffer) => `${userId}.${hash.toString('base64url')}`

/** A person's pseudonym under a key of ours: it can turn their mails off and do nothing else, and ends with the key. */
export function unsubscribeToken(keys: Keys, userId: string): string {
  return tokenOf(userId, mark(keys, PURPOSE, userId))
}

/** Whose token it is; null where it is none of ours. */
export function whoUnsubscribes(keys: Keys, token: string): string | null {
  const userId = token.split('.')[0] ?? ''
  const fits = () =>
    acceptedMarks(keys, PURPOSE, userId).some((one) => equalInConstantTime(token, tokenOf(userId, one)))
  return isMarked(keys, fits) ? userId : null
}
