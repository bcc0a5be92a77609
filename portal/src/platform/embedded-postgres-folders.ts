import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Log } from './log.ts'

/** Bytes a Unix socket's path may have (sockaddr_un, without its closing zero). */
const SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107
/** Where root's database lies when DATA_DIR stands under a folder that only root may enter. */
const STATE_ROOT = '/var/lib/motion-mavericks'

export type Owner = { uid: number; gid: number }

export type PostgresFolders = {
  /** Everything of Postgres lies under this one, which has no symlink in its path. */
  home: string
  data: string
  logFile: string
  /** The folder that holds one fresh socket folder a start, and `current`, a link to the latest. */
  sockets: string
  /** What clients are given as host: it stays the same over restarts. */
  socketLink: string
  /** Who Postgres runs as; null: whoever runs the portal. */
  owner: Owner | null
}

/**
 * Makes the folders of an embedded Postgres under `dataDir`, reachable by the user that it runs as.
 * Postgres refuses to run as root, so for root that is "nobody"; if nobody can't enter `dataDir`, the folder
 * lies under /var/lib/motion-mavericks and `dataDir`/postgres is a link to it.
 * @throws Error with a sentence that says what to do
 */
export async function preparePostgresFolders(
  dataDir: string,
  log: Pick<Log, 'warn'>,
): Promise<PostgresFolders> {
  const isRoot = process.getuid?.() === 0
  await mkdir(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 }).catch(refuse(dataDir))
  const here = await realpath(dataDir)
  const owner = isRoot ? await ownerFor(join(here, 'postgres', 'data')) : null
  const home = owner ? await homeOfRoot(here, owner, log) : await homeOfUser(here)
  const sockets = await socketsUnder(home)
  return {
    home,
    data: join(home, 'data'),
    logFile: join(home, 'postgres.log'),
    sockets,
    socketLink: join(sockets, 'current'),
    owner,
  }
}

function refuse(folder: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new Error(
      `${folder} can't be written (${error.code}). Set DATA_DIR to a folder of the user who runs the portal.`,
    )
  }
}

// A strict umask (077) would take the mode that mkdir is given away again.
async function makeEnterable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o711)
}

// The owner of existing data goes on owning it; new data belongs to "nobody".
async function ownerFor(data: string): Promise<Owner> {
  const found = await stat(data).catch(() => null)
  if (found && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  return nobody ? { uid: Number(nobody[1]), gid: Number(nobody[2]) } : { uid: 65_534, gid: 65_534 }
}

async function homeOfUser(dataDir: string): Promise<string> {
  if (!hasPasswdEntry()) {
    throw new Error(
      `Postgres needs the user who runs it (uid ${process.getuid?.()}) in /etc/passwd: add an entry, or set DATABASE_URL.`,
    )
  }
  const home = join(dataDir, 'postgres')
  await mkdir(home, { recursive: true, mode: 0o700 }).catch(refuse(home))
  const { uid } = await stat(home)
  if (uid !== process.getuid?.()) {
    throw new Error(
      `${home} belongs to another user (uid ${uid}). Run the portal as the user who made it, or set DATA_DIR to another folder.`,
    )
  }
  return await realpath(home)
}

function hasPasswdEntry(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

async function homeOfRoot(dataDir: string, owner: Owner, log: Pick<Log, 'warn'>): Promise<string> {
  const place = join(dataDir, 'postgres')
  const mode = (await stat(dataDir)).mode & 0o777
  if ((mode & 0o001) === 0) await chmod(dataDir, mode | 0o011)
  const found = await lstat(place).catch(() => null)
  if (found?.isSymbolicLink()) return await followed(place, owner)
  if (canEnter(dataDir, owner)) {
    await makeEnterable(place)
    return place
  }
  return await homeElsewhere(dataDir, place, found !== null, log)
}

async function followed(place: string, owner: Owner): Promise<string> {
  const target = await realpath(place).catch(async () => {
    throw new Error(
      `${place} points to ${await readlink(place)}, which is gone. Restore that folder, or remove the link to begin anew.`,
    )
  })
  if (!canEnter(target, owner)) {
    throw new Error(
      `Postgres runs as uid ${owner.uid} and can't enter ${target}. Let others enter each folder on that path (chmod o+x).`,
    )
  }
  return target
}

async function homeElsewhere(
  dataDir: string,
  place: string,
  exists: boolean,
  log: Pick<Log, 'warn'>,
): Promise<string> {
  await makeEnterable(STATE_ROOT).catch(refuse(STATE_ROOT))
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const wanted = join(STATE_ROOT, hash)
  let target = wanted
  if (await stat(wanted).catch(() => null)) {
    target = `${wanted}-${Date.now().toString(36)}`
    log.warn(
      { former: wanted },
      'an earlier database of this data folder is kept; remove it if nobody needs it',
    )
  }
  if (exists) {
    await rename(place, target).catch((error: NodeJS.ErrnoException) => {
      throw new Error(
        `${place} is out of Postgres's reach (${error.code}): move it to ${target} and leave a link in its place.`,
      )
    })
  } else {
    await makeEnterable(target)
  }
  await symlink(target, place)
  return await realpath(target)
}

/** True if that user may enter the folder; asked of the system itself, which knows of lists and mounts. */
export function canEnter(folder: string, owner: Owner): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    ...owner,
    cwd: '/',
    stdio: 'ignore',
  })
  if (tried.error) {
    throw new Error(
      `Postgres can't run as root, and this system doesn't let root become another user (${tried.error.message}). Run the portal as an ordinary user, or set DATABASE_URL.`,
    )
  }
  return tried.status === 0
}

async function socketsUnder(home: string): Promise<string> {
  const near = join(home, 'sockets')
  const longest = join(near, 'run-XXXXXX', '.s.PGSQL.5432')
  if (Buffer.byteLength(longest) <= SOCKET_PATH_BYTES) {
    await makeEnterable(near)
    return near
  }
  const known = await readlink(near).catch(() => null)
  if (known && (await isOurs(known))) return known
  const short = await mkdtemp('/tmp/mm-')
  await chmod(short, 0o711)
  await pointLink(near, short)
  return short
}

async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return Boolean(found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0)
}

/** Makes `link` point to `target`, whatever it pointed to, without a moment in between. */
export async function pointLink(link: string, target: string): Promise<void> {
  const draft = join(dirname(link), `.${basename(link)}-${process.pid}`)
  await rm(draft, { force: true })
  await symlink(target, draft)
  await rename(draft, link)
}

/** A fresh folder for the sockets of one start: a dead server's lock file in an old one may not be removable. */
export async function freshSocketFolder(folders: PostgresFolders): Promise<string> {
  const folder = await mkdtemp(join(folders.sockets, 'run-'))
  await giveTo(folder, folders.owner)
  return folder
}

/** Removes the socket folders of earlier starts. */
export async function removeOldSocketFolders(folders: PostgresFolders, current: string): Promise<void> {
  for (const name of await readdir(folders.sockets)) {
    const folder = join(folders.sockets, name)
    if (name.startsWith('run-') && folder !== current) await rm(folder, { recursive: true, force: true })
  }
}

/** Gives a folder or file to the user that Postgres runs as. */
export async function giveTo(path: string, owner: Owner | null): Promise<void> {
  if (owner) await chown(path, owner.uid, owner.gid)
}
