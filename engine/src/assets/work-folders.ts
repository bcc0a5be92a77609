import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningIngests } from './running-ingests.ts'

const NAME = /^(?:side\.)?(.+)\.[^.]+$/

/**
 * Removes work folders of this machine that nobody works in: a killed process's, whose asset another machine may have
 * finished meanwhile. Whoever can take the turn knows that no attempt has it.
 */
export async function sweepWorkFolders(folder: string, running: RunningIngests): Promise<void> {
  const work = join(folder, 'work')
  for (const name of await readdir(work).catch(() => [])) {
    const turn = await running.begin(NAME.exec(name)?.[1] ?? name)
    if (!turn) continue
    await rm(join(work, name), { recursive: true, force: true, maxRetries: 5 }).finally(() => turn.end())
  }
}

/** Removes what earlier attempts at an asset left behind. Call it only while holding the asset's turn. */
export async function removeWorkFolders(folder: string, assetId: string): Promise<void> {
  const work = join(folder, 'work')
  const names = await readdir(work).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(`${assetId}.`))) {
    await rm(join(work, name), { recursive: true, force: true, maxRetries: 5 })
  }
}
