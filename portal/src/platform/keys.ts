import { keyedHash } from './crypto.ts'
import { createSealRing, type SealRing } from './seal-ring.ts'
import { rootsOf, type Secrets, sealKeysOf } from './secrets.ts'

/** One key a purpose (RFC 5869): derived from the data key, or kept apart once it has been replaced. */
export type Keys = {
  /** Keyed hashes of addresses and one-time codes. */
  hash: Buffer
  /** Boxes around secrets at rest: signing keys, mail bodies, subject keys. Its keys change while the portal runs. */
  seal: SealRing
  /** Better Auth's cookie secret. */
  auth: string
  /** Seed of the key that signs statements of a staging installation. */
  statement: Buffer
  /** Bearer secret of /metrics where no setting gives one. */
  metrics: string
}

export function createKeys(secrets: Pick<Secrets, 'dataKey' | 'roots' | 'sealKeys'>, ring?: SealRing): Keys {
  const roots = rootsOf(secrets)
  return {
    hash: Buffer.from(roots.hash, 'base64url'),
    seal: ring ?? createSealRing(sealKeysOf(secrets)),
    auth: roots.auth,
    statement: Buffer.from(roots.statement, 'base64url'),
    metrics: roots.metrics,
  }
}

/** Names this installation at a service that others may share; tells nothing about it. */
export function installationMark(keys: Keys): string {
  return keyedHash(keys.hash, 'installation', '').toString('hex').slice(0, 32)
}
