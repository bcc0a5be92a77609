import { createHash } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 30

/**
 * Runs `work` while no other process on this machine runs under the same lock.
 * The holder's death frees the lock at once: on Linux it is a socket in the abstract namespace, which the
 * kernel closes; elsewhere a file with the holder's process ID.
 * @param folder existing folder that the lock belongs to; its inode is the lock's name
 * @param timeoutMs how long to wait for the holder
 * @throws Error when the holder outlasts the wait
 */
export async function withProcessLock<T>(
  folder: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const take = process.platform === 'linux' ? takeSocket : takeFile
  const { dev, ino } = await stat(folder)
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const free = await take(folder, `${dev}:${ino}`)
    if (free) {
      try {
        return await work()
      } finally {
        await free()
      }
    }
    if (Date.now() > deadline)
      throw new Error(`another process has been starting or stopping in ${folder} for too long`)
    await delay(POLL_MS)
  }
}

type Free = () => Promise<void>

async function takeSocket(_folder: string, inode: string): Promise<Free | null> {
  const name = `\0motion-mavericks-${createHash('sha256').update(inode).digest('hex').slice(0, 32)}`
  const server = createServer((socket) => socket.destroy())
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(name, () => {
      server.unref()
      resolve(() => new Promise((done) => server.close(() => done())))
    })
  })
}

/** The form without abstract sockets. Exported so that it is tried on every system. */
export async function takeFile(folder: string): Promise<Free | null> {
  const file = `${folder}/.lock`
  const mine = `${process.pid}`
  const taken = await writeFile(file, mine, { flag: 'wx', mode: 0o600 }).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return true
      throw error
    },
  )
  if (!taken) return () => rm(file, { force: true })
  const holder = Number(await readFile(file, 'utf8').catch(() => mine))
  // Renaming decides between two who both found the holder dead: one of them gets ENOENT.
  if (holder > 0 && !isAlive(holder)) {
    const away = `${file}.${mine}`
    await rename(file, away).then(
      () => rm(away, { force: true }),
      () => {},
    )
  }
  return null
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
