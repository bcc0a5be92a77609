import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal, ROOT, say } from './terminal.mjs'

const POLL_MS = 250

/**
 * Runs `work` while no other process holds the lock file; a dead holder's lock is taken over.
 * @template T @param {string} file @param {() => Promise<T>} work @returns {Promise<T>}
 * @throws {Refusal} where the tree can't be written
 */
export async function oneAtATime(file, work) {
  for (let told = false; !take(file); ) {
    const holder = holderOf(file)
    if (holder && !isAlive(holder.pid, holder.born)) {
      takeAway(file)
      continue
    }
    if (!told && holder) say(`waiting for another set-up (process ${holder.pid})`)
    told ||= holder !== null
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

// Written apart and linked, so that nobody ever reads half a lock.
function take(file) {
  const draft = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(draft, `${process.pid} ${bornAt(process.pid)}`)
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    if (error.code !== 'EACCES' && error.code !== 'EROFS') throw error
    throw new Refusal(
      `${ROOT} can't be written, and this start has work to do there: run it once as the user who owns it.`,
    )
  } finally {
    rmSync(draft, { force: true })
  }
}

function holderOf(file) {
  try {
    const [pid, born] = readFileSync(file, 'utf8').split(' ')
    return { pid: Number(pid), born }
  } catch {
    return null
  }
}

// Of two who find the holder dead, renaming lets one go on; the other one looks again.
function takeAway(file) {
  const away = `${file}.${process.pid}.old`
  try {
    renameSync(file, away)
    rmSync(away, { force: true })
  } catch {
    // The other one was faster.
  }
}

/** Start time of a process in clock ticks since boot, `Z` for a zombie, '' where the system doesn't say. */
function bornAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields follow the name in parentheses, which may hold anything: proc(5). State is the 3rd, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'Z' : fields[19]
  } catch {
    return ''
  }
}

/**
 * True if the process lives: no zombie, which PID 1 may leave for ever, and, if `born` is known, no stranger
 * that was given the same number since. @param {number} pid @param {string} [born]
 */
export function isAlive(pid, born = '') {
  const now = bornAt(pid)
  if (now === 'Z' || (born && now && born !== now)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
