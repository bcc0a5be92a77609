import { readdirSync, readFileSync } from 'node:fs'
import { processTree } from '../../support/process-tree.ts'

export type Gauge = { rssBytes: number; openFiles: number }

/** Memory and file handles of a process and its children, added up. */
export function gaugeOf(pid: number): Gauge {
  const sum = { rssBytes: 0, openFiles: 0 }
  for (const one of processTree([pid])) {
    try {
      const status = readFileSync(`/proc/${one}/status`, 'utf8')
      sum.rssBytes += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
      sum.openFiles += readdirSync(`/proc/${one}/fd`).length
    } catch {
      // It ended between the two looks.
    }
  }
  return sum
}

/** Watches a process's memory until stopped; gives the highest seen. */
export function watchMemory(pid: number, everyMs = 200): { stop(): number } {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, gaugeOf(pid).rssBytes)
  }
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak
    },
  }
}
