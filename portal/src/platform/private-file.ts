import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file of ours; null where there is none. What others may read is closed to them. */
export async function readPrivateFile(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Error(`${file} can't be read (${error.code}). Run the portal as the user who owns it.`)
  })
  // A key that a vault mounts read-only keeps the mode that the vault gave it.
  if (text !== null && (await stat(file)).mode & 0o077) await chmod(file, 0o600).catch(() => undefined)
  return text
}

/** Writes a file that only its owner reads, whole or not at all, and on the disk when this returns. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await rename(await writeDraft(file, text), file)
  await syncFolder(file)
}

/** The same where there is no file yet; one that somebody else has made meanwhile stays as it is. */
export async function createPrivateFile(file: string, text: string): Promise<void> {
  const draft = await writeDraft(file, text)
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft, { force: true })
  await syncFolder(file)
}

/** What follows the file's own name in that of a draft; earlier versions ended some in ".new". */
const DRAFT = /^(\.\d+\.[0-9a-f]{8}\.(tmp|new))+$/

/**
 * Takes away what processes left that were killed while they wrote this file, before that moment: a draft may hold what
 * has been replaced and destroyed since.
 */
export async function removeDrafts(file: string, before: Date): Promise<void> {
  const folder = dirname(file)
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Where a vault shows one file and no folder, nobody here has written any.
    if (error.code === 'ENOENT' || error.code === 'EACCES') return []
    throw error
  })
  const own = basename(file)
  for (const name of names) {
    if (!name.startsWith(own) || !DRAFT.test(name.slice(own.length))) continue
    const found = await stat(join(folder, name)).catch(() => null)
    if (found && found.ctime < before) await rm(join(folder, name), { force: true })
  }
}

async function writeDraft(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}

async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
