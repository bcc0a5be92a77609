import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const WITNESS = fileURLToPath(new URL('../../portal/src/modules/audit/witness/witness.mjs', import.meta.url))

export type WitnessProcess = {
  folder: string
  vkey: string
  url: string
  /** What it said on standard error. */
  said(): string
  /** SIGKILL, as a power cut does; its folder stays. */
  kill(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export type WitnessOptions = {
  logs: string[]
  name?: string
  folder?: string
  port?: number
  env?: Record<string, string>
}

/** The shipped witness as its own process, on a free port of the loopback address, with no more than Node. */
export async function startWitnessProcess(options: WitnessOptions): Promise<WitnessProcess> {
  const { logs, name = 'witness.example/w1', port = 0, env = {} } = options
  const folder = options.folder ?? (await mkdtemp('/tmp/mm-witness-'))
  const args = [
    '--state',
    folder,
    '--name',
    name,
    '--port',
    String(port),
    ...logs.flatMap((vkey) => ['--log', vkey]),
  ]
  const child = spawn(process.execPath, [WITNESS, ...args], {
    env: { PATH: '', ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const lines = await firstLines(child, 2, () => said)
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const over = once(child, 'exit')
    child.kill(signal)
    await over
  }
  return {
    folder,
    vkey: lines[0]!.slice('witness '.length),
    url: lines[1]!.slice('listens at '.length),
    said: () => said,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a witness that has not started yet is known by. */
export async function witnessKey(folder: string, name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    WITNESS,
    'vkey',
    '--state',
    join(folder),
    '--name',
    name,
  ])
  return stdout.trim()
}

async function firstLines(child: ChildProcess, count: number, said: () => string): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line)
    if (lines.length === count) return lines
  }
  throw new Error(`the witness ended before it listened: ${said()}`)
}
