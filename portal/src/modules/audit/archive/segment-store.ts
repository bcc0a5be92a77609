import { hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { StoragePort } from '#portal/adapters/storage/port.ts'
import type { App } from '#portal/platform/app.ts'
import { seal, unseal } from '#portal/platform/crypto.ts'
import { newId } from '#portal/platform/ids.ts'
import type { SealRing } from '#portal/platform/seal-ring.ts'
import { decodeSegment, encodeSegment, type RangeEntries } from './segment-bytes.ts'

/** What names one stored segment and proves its bytes. */
export type SegmentObject = { key: string; sha256: Buffer; bytes: number }
type Place = { n: number; root: Buffer }

/** The archive's objects: compressed, encrypted, checksummed. */
export type SegmentStore = ReturnType<typeof createSegmentStore>

/**
 * Segments in the portal's storage, encrypted (AES-256-GCM) under a key that is derived from the master key and stands
 * in no database. Personal data inside stays ciphertext under its subject's own key.
 */
export function createSegmentStore({ storage, sealKey }: { storage: StoragePort; sealKey: SealRing }) {
  const key = sealKey.derived('audit archive')
  const placeOf = ({ n, root }: Place) => `audit range ${n} ${root.toString('base64')}`

  return {
    /** A key that no object ever had, so that two writers never meet in one; it ends with the name of what seals it. */
    newKey: (n: number) => `audit/ranges/${String(n).padStart(12, '0')}-${newId('seg')}-${key.current().id}`,

    /** Writes the segment durably and reads it back; resolves only once the stored bytes are proven to hold it. */
    async write(place: Place, objectKey: string, entries: RangeEntries): Promise<SegmentObject> {
      const box = seal(key, encodeSegment(entries), placeOf(place))
      const object = { key: objectKey, sha256: hash('sha256', box, 'buffer'), bytes: box.length }
      await putBytes(storage, objectKey, box)
      const stored = await this.read(place, object)
      if (stored.some((entry, at) => entry !== entries[at]))
        throw new Error(`the stored segment ${objectKey} is not the one that was written`)
      return object
    },

    /** @throws Error where the object is missing, or is not byte for byte what was written for this range */
    async read(
      place: Place,
      { key: objectKey, sha256 }: Pick<SegmentObject, 'key' | 'sha256'>,
    ): Promise<RangeEntries> {
      const file = await storage.open(objectKey)
      if (!file) throw new Error(`the archive lacks ${objectKey}`)
      const box = await buffer(await file.stream())
      if (!hash('sha256', box, 'buffer').equals(sha256))
        throw new Error(`${objectKey} is not what its checksum says`)
      return decodeSegment(unseal(key, box, placeOf(place)))
    },

    remove: (objectKey: string) => storage.delete(objectKey),
  }
}

/** The archive of the running portal. */
export function segmentsOf({ ports, keys }: Pick<App, 'ports' | 'keys'>): SegmentStore {
  return createSegmentStore({ storage: ports.storage, sealKey: keys.seal })
}

async function putBytes(storage: StoragePort, key: string, bytes: Buffer): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mm-segment-'))
  try {
    await writeFile(join(folder, 'segment'), bytes)
    await storage.putFile(key, join(folder, 'segment'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
