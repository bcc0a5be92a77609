import type { Random } from '../support/random.ts'

/**
 * What became of one copy: whether it differs from the original at all, and whether the verifier refused it.
 * `unreadable`: refused because it broke off in the middle, which an operator sees as well.
 */
export type Attempt = { changed: boolean; found: boolean; unreadable?: boolean }

/** One thing that can be tampered with, and its verifier. */
export type Target = {
  name: string
  kinds: readonly string[]
  /** Tampers with a copy by that kind, or leaves it as it is (null), and asks the verifier. */
  attempt(kind: string | null, random: Random): Promise<Attempt>
}
