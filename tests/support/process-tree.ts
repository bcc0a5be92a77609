import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

type Row = { pid: number; parent: number; state: string }

function processes(): Row[] {
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
