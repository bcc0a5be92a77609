import { hash } from 'node:crypto'
import { deriveKey } from './crypto.ts'
import { UnopenedBox } from './unopened-box.ts'

/** A key that seals at rest. The first key of an installation sealed boxes that do not name it. */
export type SealKey = { id: string; key: Buffer; since: string; unnamed: boolean }

/** Topic of the notice that the keys have changed. */
export const SEAL_KEYS_TOPIC = 'seal-keys'

/** How long a process may go on without a look at whether the keys have changed, in ms. */
export const MOST_STALE_MS = 20_000

/** Which key it is, without a hint at what it is: ten hex digits, five bytes in a box. */
export const sealKeyId = (key: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from('seal key '), key]), 'hex').slice(0, 10)

/**
 * The keys that seal and open what lies at rest: the newest seals, all of them open. They are read again where a box
 * names one that is not known here, and before anything is sealed by keys that were not looked at for a while: also a
 * process that was stopped for an hour does not seal by a key that is about to be destroyed.
 */
export type SealRing = {
  /** Seals from now on. */
  current(): SealKey
  /** @throws UnopenedBox where no key has this name; null asks for the one that named nothing */
  find(id: string | null): Buffer
  /** Newest first. */
  list(): readonly SealKey[]
  /** Takes what another process has changed; cheap where nothing has. */
  refresh(): void
  /** The same keys for another purpose, each derived (RFC 5869). */
  derived(purpose: string): SealRing
}

/** @param readIfChanged the keys, newest first; null where they are as they were read last */
export function createSealRing(
  first: readonly SealKey[],
  readIfChanged: () => readonly SealKey[] | null = () => null,
  now: () => number = () => performance.now(),
): SealRing {
  let keys = first
  let lookedAt = now()
  const refresh = () => {
    keys = readIfChanged() ?? keys
    lookedAt = now()
  }
  const known = (id: string | null) => keys.find((key) => (id === null ? key.unnamed : key.id === id))?.key
  const ring: SealRing = {
    current() {
      if (now() - lookedAt > MOST_STALE_MS) refresh()
      const [newest] = keys
      if (!newest) throw new Error('there is no key to seal with')
      return newest
    },
    find(id) {
      const found = known(id)
      if (found) return found
      refresh()
      const key = known(id)
      if (!key)
        throw new UnopenedBox(`sealed value: its key ${id ?? '(the first)'} is not in the secrets file`)
      return key
    },
    list: () => keys,
    refresh,
    derived: (purpose) => ({
      ...ring,
      current: () => {
        const newest = ring.current()
        return { ...newest, key: deriveKey(newest.key, purpose) }
      },
      find: (id) => deriveKey(ring.find(id), purpose),
    }),
  }
  return ring
}
