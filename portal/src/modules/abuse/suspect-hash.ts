import { keyedHash } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'

/** What stands for a source, a network or an address in signs of abuse: a keyed hash, in hex. */
export function suspectHash(keys: Keys, kind: string, value: string): string {
  return keyedHash(keys.hash, `abuse-${kind}`, value).toString('hex').slice(0, 32)
}
