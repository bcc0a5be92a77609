import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './one-at-a-time.mjs'
import { ROOT } from './terminal.mjs'

const FOLDER = join(ROOT, '.artifacts/running')

/** Notes that a process runs on this tree's packages and pages. @returns {() => void} takes the note away */
export function noteRunning(/** @type {number} */ pid, /** @type {string} */ what) {
  const file = join(FOLDER, String(pid))
  try {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(file, what)
  } catch {
    // A tree that can't be written can't be installed over either.
  }
  return () => rmSync(file, { force: true })
}

/** Another living process that runs on this tree, or null. @returns {{pid: number, what: string} | null} */
export function findRunning() {
  for (const pid of notedPids()) {
    const file = join(FOLDER, String(pid))
    const what = readFileSync(file, 'utf8')
    if (isAlive(pid) && (commandOf(pid) ?? what).includes(what)) return { pid, what }
    rmSync(file, { force: true })
  }
  return null
}

function notedPids() {
  try {
    return readdirSync(FOLDER)
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
  } catch {
    return []
  }
}

// A dead process's number may be a stranger's by now; where there is no /proc, the note is believed.
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return null
  }
}
