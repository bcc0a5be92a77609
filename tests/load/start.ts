import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { killTree, processTree } from '../support/process-tree.ts'
import { freePort } from '../support/stack.ts'
import { type BenchResult, percentiles } from './bench.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BAR_MS = 5000
const GIVE_UP_MS = 60_000
const STARTS = 5

/**
 * `npm run up` on an installed and built tree: from the command to a served page, once on an empty data folder
 * and then on the one it left.
 */
export async function run(): Promise<BenchResult> {
  const dataDir = await mkdtemp('/tmp/mm-bench-')
  await chmod(dataDir, 0o711)
  const took: number[] = []
  try {
    for (let n = 0; n < STARTS; n += 1) took.push(await timeStart(dataDir))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
  const slowest = Math.max(...took)
  return {
    ours: slowest / 1000,
    floor: null,
    ratio: null,
    ...percentiles(took),
    unit: 's, slowest start',
    bar: `serving within ${BAR_MS / 1000} s`,
    holds: slowest <= BAR_MS,
    notes: { 'first start, s': (took[0] ?? Number.NaN) / 1000, starts: STARTS },
  }
}

async function timeStart(dataDir: string): Promise<number> {
  const port = await freePort()
  const npm = process.env.npm_execpath
  const command = npm
    ? [process.env.npm_node_execpath ?? process.execPath, npm, 'run', '--silent', 'up']
    : [process.execPath, join(ROOT, 'scripts/run.mjs'), 'up']
  const began = performance.now()
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: ROOT,
    stdio: 'ignore',
    env: { ...process.env, PORT: `${port}`, DATA_DIR: dataDir },
  })
  try {
    await untilServing(`http://127.0.0.1:${port}`, began)
    return performance.now() - began
  } finally {
    const tree = processTree([child.pid])
    child.kill('SIGTERM')
    await untilGone(tree)
  }
}

async function untilServing(url: string, began: number): Promise<void> {
  for (const path of ['/api/health/ready', '/']) {
    for (;;) {
      const answer = await fetch(`${url}${path}`).catch(() => null)
      await answer?.arrayBuffer()
      if (answer?.status === 200) break
      if (performance.now() - began > GIVE_UP_MS) throw new Error(`npm run up did not serve ${path}`)
      await delay(10)
    }
  }
}

// The next start must find the folder free, as after a person's Ctrl-C.
async function untilGone(tree: number[]): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (processTree(tree).length) {
    if (performance.now() > deadline) return await killTree(tree, 'SIGKILL')
    await delay(20)
  }
}
