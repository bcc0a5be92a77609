import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/stack.ts'
import { until } from '../support/until.ts'

const SERVER = fileURLToPath(new URL('../../portal/src/server.ts', import.meta.url))
const CLOCK = fileURLToPath(new URL('shifted-clock.ts', import.meta.url))
const LOG_LIMIT = 200_000

/** The portal's API and worker in a process of their own, without pages. */
export type PortalNode = {
  url: string
  isUp(): boolean
  /** SIGKILL; then it starts again, and is waited for. */
  kill(): Promise<void>
  /** Times that it ended by itself; then it is started again, as by a supervisor. */
  crashes(): number
  logs(): string
  stop(): Promise<void>
}

export async function startPortalNode(env: Record<string, string>, dataDir: string): Promise<PortalNode> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let up = false
  let crashes = 0
  let ending = false
  let log = ''
  let child: ChildProcess | undefined
  const atExit = () => void child?.kill('SIGKILL')
  process.once('exit', atExit)

  const start = async () => {
    ending = false
    const { PATH = '', TZ = '', NODE_COMPILE_CACHE = '' } = process.env
    const inherited = { PATH, TZ, ...(NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}) }
    const settings = { NODE_ENV: 'production' as const, ROLES: 'worker', PORT: `${port}`, DATA_DIR: dataDir }
    const running = spawn(process.execPath, ['--import', CLOCK, SERVER], {
      env: { ...inherited, ...settings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = running
    const add = (text: Buffer) => {
      log = (log + text).slice(-LOG_LIMIT)
    }
    running.stdout.on('data', add)
    running.stderr.on('data', add)
    running.once('exit', () => {
      if (ending || !up) return
      up = false
      crashes += 1
      void start().catch(() => {})
    })
    const ready = async () => {
      if (running.exitCode !== null)
        throw new Error(`the portal ended while it started:\n${log.slice(-3000)}`)
      return await fetch(`${url}/api/health/ready`).then(
        async (answer) => {
          await answer.arrayBuffer()
          return answer.status === 200
        },
        () => false,
      )
    }
    await until('the portal is ready', ready, 120_000, 50)
    up = true
  }
  const end = async (signal: NodeJS.Signals) => {
    up = false
    ending = true
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  await start()
  return {
    url,
    isUp: () => up,
    async kill() {
      await end('SIGKILL')
      await start()
    },
    crashes: () => crashes,
    logs: () => log,
    async stop() {
      process.off('exit', atExit)
      await end('SIGKILL')
    },
  }
}
