import type { StoragePort } from '#engine/storage/port.ts'

/** Job: removes the files of something that is gone from the database. Safe to run again. */
export async function removeFiles(
  storage: StoragePort,
  { assetId, prefixes }: { assetId: string; prefixes: string[] },
): Promise<void> {
  for (const prefix of prefixes) {
    if (!prefix.startsWith(`assets/${assetId}/`)) throw new Error('a prefix beyond its asset')
    await storage.deletePrefix(prefix)
  }
}
