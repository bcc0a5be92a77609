import type { Keys } from '#portal/platform/keys.ts'
import { everyMark, mark } from '#portal/platform/mark.ts'

/** By what a rule's use of a subject is known in counts and throttlings: a keyed hash, in hex. */
export function limitIdentity(keys: Keys, by: string, subject: string): string {
  return textOf(mark(keys, 'limit', `${by}:${subject}`))
}

/** By what throttlings of the subject may be known that were written under earlier keys, the present one first. */
export function limitIdentities(keys: Keys, by: string, subject: string): string[] {
  return everyMark(keys, 'limit', `${by}:${subject}`).map(textOf)
}

const textOf = (hash: Buffer) => hash.toString('hex').slice(0, 32)
