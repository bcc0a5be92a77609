import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

const ABANDONED_MS = 6 * 3600_000

// Names tell whose they are, so that what a killed process left half-written is known by its successor.
const HOST = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 12)
/** A name for a file that is being written. */
export const temporaryName = () => `${HOST}.${process.pid}.${randomBytes(8).toString('hex')}`

/** Removes what dead processes of this host left, and what is too old to be under way on any other. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await stat(path.join(folder, name)).catch(() => null)
    if (found && isAbandoned(name, found.mtimeMs)) await rm(path.join(folder, name), { force: true })
  }
}

function isAbandoned(name: string, modifiedMs: number): boolean {
  if (Date.now() - modifiedMs > ABANDONED_MS) return true
  const [host, pid] = name.split('.')
  if (host !== HOST || !pid) return false
  // A container's processes have the same number each time.
  return Number(pid) === process.pid ? modifiedMs < performance.timeOrigin - 1000 : !isAlive(Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
