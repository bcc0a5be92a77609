import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A scanner that Debian packages, installed where it is missing and we may. @throws Error that says what to install */
export async function debianTool(name: string): Promise<void> {
  if (await isThere(name)) return
  if (process.getuid?.() === 0 && (await isThere('apt-get'))) {
    process.stderr.write(`${name} is missing; installing it with apt-get\n`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (...args: string[]) => run('apt-get', args, { env, maxBuffer: 64 * 1024 * 1024 })
    await apt('update', '-q').catch(() => undefined)
    await apt('install', '-y', '-q', '--no-install-recommends', name).catch(() => undefined)
    if (await isThere(name)) return
  }
  throw new Error(`${name} is missing: install it with sudo apt-get install ${name}.`)
}

const isThere = (name: string) =>
  run('sh', ['-c', 'command -v "$1"', 'sh', name]).then(
    () => true,
    () => false,
  )

export type Ran = { output: string; code: number | null }

/** Runs a scanner to its end, or to `deadlineMs`, where it is ended. What it wrote, both streams together. */
export async function runTool(
  command: string,
  args: string[],
  { deadlineMs, cwd }: { deadlineMs: number; cwd?: string },
): Promise<Ran> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd ? { cwd } : {}) })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output = (output + bytes).slice(-4_000_000)
    })
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    return { output, code }
  } finally {
    clearTimeout(timer)
    process.off('exit', atExit)
  }
}
