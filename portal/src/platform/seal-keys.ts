import { randomBytes } from 'node:crypto'
import { deriveKey } from './crypto.ts'
import { type SealKey, sealKeyId } from './seal-ring.ts'
import { changeSecrets, type SecretFiles, type Secrets } from './secrets.ts'

const LOST = 'The secrets file has no data key: restore it from your backup.'

/** Keys for all but sealing. @throws Error where the file has neither them nor what they are derived from */
export function rootsOf({
  dataKey,
  roots,
}: Pick<Secrets, 'dataKey' | 'roots'>): NonNullable<Secrets['roots']> {
  if (roots) return roots
  if (dataKey === undefined) throw new Error(LOST)
  const master = Buffer.from(dataKey, 'base64url')
  return {
    hash: text(deriveKey(master, 'hash')),
    auth: text(deriveKey(master, 'auth')),
    statement: text(deriveKey(master, 'staging statement')),
    metrics: text(deriveKey(master, 'metrics')),
  }
}

/** Keys that seal, newest first. @throws Error where the file has neither them nor what they are derived from */
export function sealKeysOf({ dataKey, sealKeys }: Pick<Secrets, 'dataKey' | 'sealKeys'>): SealKey[] {
  if (sealKeys) return sealKeys.map((one) => ({ ...one, key: Buffer.from(one.key, 'base64url') }))
  if (dataKey === undefined) throw new Error(LOST)
  const first = deriveKey(Buffer.from(dataKey, 'base64url'), 'seal')
  return [{ id: sealKeyId(first), key: first, since: new Date(0).toISOString(), unnamed: true }]
}

/** A key that seals nothing yet. */
export function newSealKey(now: Date): SealKey {
  const key = randomBytes(32)
  return { id: sealKeyId(key), key, since: now.toISOString(), unnamed: false }
}

/**
 * Puts a new key in front of those that seal; older ones go on opening. The data key itself is gone from the file with
 * it: what else was derived from it stands by itself.
 */
export async function addSealKey(files: SecretFiles, made: SealKey): Promise<void> {
  await changeSecrets(files, (read) => {
    const { dataKey: _, ...kept } = read
    const sealKeys = [made, ...sealKeysOf(read)].map((one) => ({ ...one, key: text(one.key) }))
    return { ...kept, roots: rootsOf(read), sealKeys }
  })
}

/** Takes these keys out of the file, but never the newest: what they sealed can't be opened any more. */
export async function dropSealKeys(files: SecretFiles, ids: readonly string[]): Promise<void> {
  await changeSecrets(files, (read) => {
    const [newest, ...older] = read.sealKeys ?? []
    return newest ? { ...read, sealKeys: [newest, ...older.filter(({ id }) => !ids.includes(id))] } : read
  })
}

const text = (key: Buffer) => key.toString('base64url')
