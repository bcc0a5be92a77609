import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Removes what earlier attempts at an asset left behind. Call it only while holding the asset's turn. */
export async function removeWorkFolders(folder: string, assetId: string): Promise<void> {
  const work = join(folder, 'work')
  const names = await readdir(work).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(`${assetId}.`))) {
    await rm(join(work, name), { recursive: true, force: true, maxRetries: 5 })
  }
}
