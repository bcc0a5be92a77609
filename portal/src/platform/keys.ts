import { keyedHash } from './crypto.ts'
import { createLiveSecret, type LiveSecret } from './live-secret.ts'
import { standingOf } from './replace-secret.ts'
import { rootsOf, sealKeysOf } from './seal-keys.ts'
import { createSealRing, type SealRing } from './seal-ring.ts'
import type { PastName, Secrets } from './secrets.ts'

/** One key a purpose (RFC 5869): derived from the data key, or kept apart once it has been replaced. */
export type Keys = {
  /** Keyed hashes that rows are found by for as long as they are kept, and of codes. Not replaced. */
  hash: Buffer
  /** Boxes around secrets at rest: signing keys, mail bodies, subject keys. Its keys change while the portal runs. */
  seal: SealRing
  /** Keyed hashes in counts and logs, and signatures of small words of ours: see mark.ts. */
  marks: LiveSecret
  /** Better Auth's cookie secret. */
  auth: LiveSecret
  /** Seed of the key that signs statements of a staging installation. */
  statement: Buffer
  /** Bearer secret of /metrics where no setting gives one. */
  metrics: LiveSecret
  /** Bearer secret of the cron routes where no setting gives one. */
  cron: LiveSecret
}

/** Where keys come from when they change: what the file says now, null where it says what it said. */
export type KeySource = { watch: () => () => Secrets | null; clock: () => Date }

const AS_READ: KeySource = { watch: () => () => null, clock: () => new Date() }

export function createKeys(secrets: Secrets, { watch, clock }: KeySource = AS_READ): Keys {
  const roots = rootsOf(secrets)
  const changed = <T>(pick: (read: Secrets) => T) => {
    const look = watch()
    return () => {
      const read = look()
      return read && pick(read)
    }
  }
  const live = (name: PastName) =>
    createLiveSecret(
      standingOf(secrets, name),
      changed((read) => standingOf(read, name)),
      clock,
    )
  return {
    hash: Buffer.from(roots.hash, 'base64url'),
    seal: createSealRing(sealKeysOf(secrets), changed(sealKeysOf)),
    marks: live('marks'),
    auth: live('auth'),
    statement: Buffer.from(roots.statement, 'base64url'),
    metrics: live('metrics'),
    cron: live('cron'),
  }
}

/** Takes what another process has changed of the keys. */
export function refreshKeys({ seal, marks, auth, metrics, cron }: Keys): void {
  for (const one of [seal, marks, auth, metrics, cron]) one.refresh()
}

/** Names this installation at a service that others may share; tells nothing about it. */
export function installationMark(keys: Keys): string {
  return keyedHash(keys.hash, 'installation', '').toString('hex').slice(0, 32)
}
