import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

type Row = { pid: number; parent: number; state: string }

// A bare Debian has /proc and no ps; a Mac has it the other way round.
function processes(): Row[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): Row[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // Fields follow the name in parentheses, which may hold anything: proc(5).
      const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [{ pid: Number(name), parent: Number(parent), state }]
    } catch {
      // It ended while the list was read.
      return []
    }
  })
}

function fromPs(): Row[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), state }
    })
}

/** The given processes and all their descendants that live; dead ones that nobody reaped are left out. */
export function processTree(roots: (number | undefined)[], rows: Row[] = processes()): number[] {
  const found = new Set(roots.filter((pid) => pid !== undefined && pid > 1))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const { pid, parent } of rows) if (found.has(parent)) found.add(pid)
  }
  return rows.filter(({ pid, state }) => found.has(pid) && !/^[ZX]/.test(state)).map(({ pid }) => pid)
}

/** Sends the signal to every process of these trees and waits until none of them lives. */
export async function killTree(roots: (number | undefined)[], signal: NodeJS.Signals): Promise<void> {
  const doomed = processTree(roots)
  for (const pid of doomed) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended in between.
    }
  }
  const deadline = Date.now() + 20_000
  while (alive(doomed).length) {
    if (Date.now() > deadline) throw new Error(`processes ${alive(doomed).join(', ')} survived ${signal}`)
    await delay(10)
  }
}

function alive(pids: number[]): number[] {
  const rows = processes()
  return pids.filter((pid) => rows.some((row) => row.pid === pid && !/^[ZX]/.test(row.state)))
}
