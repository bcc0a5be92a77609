import { deriveKey, keyedHash } from './crypto.ts'

/** One key a purpose, all derived from the data key (RFC 5869): none of them is stored. */
export type Keys = {
  /** Keyed hashes of addresses and one-time codes. */
  hash: Buffer
  /** Boxes around secrets at rest: signing keys, mail bodies, subject keys. */
  seal: Buffer
  /** Better Auth's cookie secret. */
  auth: string
  /** Seed of the key that signs statements of a staging installation. */
  statement: Buffer
  /** Bearer secret of /metrics where no setting gives one. */
  metrics: string
}

export function createKeys(dataKey: Buffer): Keys {
  return {
    hash: deriveKey(dataKey, 'hash'),
    seal: deriveKey(dataKey, 'seal'),
    auth: deriveKey(dataKey, 'auth').toString('base64url'),
    statement: deriveKey(dataKey, 'staging statement'),
    metrics: deriveKey(dataKey, 'metrics').toString('base64url'),
  }
}

/** Names this installation at a service that others may share; tells nothing about it. */
export function installationMark(keys: Keys): string {
  return keyedHash(keys.hash, 'installation', '').toString('hex').slice(0, 32)
}
