import { randomBytes } from 'node:crypto'
import { createSealRing, type SealRing, sealKeyId } from '../../portal/src/platform/seal-ring.ts'

/** A ring of one key that never changes. */
export function oneKey(key = randomBytes(32)): SealRing {
  return createSealRing([{ id: sealKeyId(key), key, since: new Date(0).toISOString(), unnamed: false }])
}
