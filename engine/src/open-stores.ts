import { join } from 'node:path'
import { openDiskStorage } from '#engine/storage/disk.ts'
import { createObjectSources } from '#engine/storage/object-sources.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { S3Settings } from '#engine/storage/s3-client.ts'
import { createDiskSources, type Sources } from '#engine/storage/sources.ts'
import { createObjectSpool } from '#engine/uploads/object-spool.ts'
import { createDiskSpool, type Spool } from '#engine/uploads/spool.ts'

/** Where bytes are kept. `folder` holds work/ in both cases, and with disk everything else too. */
export type StorageConfig = { kind: 'disk'; folder: string } | { kind: 's3'; folder: string; s3: S3Settings }

export type Stores = { storage: StoragePort; sources: Sources; spool: Spool }

/** The finished objects, the sources and the running uploads of one engine. `faultRate`: of calls that fail, for tests. */
export async function openStores(config: StorageConfig, faultRate = 0): Promise<Stores> {
  const stores = await openPlaces(config)
  if (faultRate === 0) return stores
  const { createFaults, withFaults } = await import('#engine/storage/faulty.ts')
  const { spoolWithFaults } = await import('#engine/uploads/faulty-spool.ts')
  const faults = createFaults(faultRate)
  return {
    ...stores,
    storage: withFaults(stores.storage, faults),
    spool: spoolWithFaults(stores.spool, faults),
  }
}

async function openPlaces(config: StorageConfig): Promise<Stores> {
  if (config.kind === 'disk') {
    return {
      storage: await openDiskStorage(join(config.folder, 'objects')),
      sources: createDiskSources(config.folder),
      spool: createDiskSpool(config.folder),
    }
  }
  // The SDK is loaded only where it is used.
  const { openS3Storage } = await import('#engine/storage/s3.ts')
  const storage = await openS3Storage(config.s3)
  return { storage, sources: createObjectSources(storage), spool: createObjectSpool(storage) }
}
