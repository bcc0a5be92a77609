import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { killTree, processTree } from './process-tree.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SERVER = join(ROOT, 'portal/src/server.ts')
const READY_MS = 120_000
const STOP_MS = 30_000
const LOG_LIMIT = 2_000_000
/** All that a stack sees of the caller's environment: a developer's DATABASE_URL or keys must not leak in. */
const INHERITED = ['PATH', 'NODE_COMPILE_CACHE', 'HOME', 'TZ', 'TMPDIR', 'FFMPEG_PATH', 'FFPROBE_PATH']

export type StackOptions = {
  /** Settings on top of PORT, DATA_DIR and the administrator's. */
  env?: Record<string, string>
  /** Certificate with which it speaks TLS itself, at `url`; `internalUrl` is plain HTTP beside it. */
  tls?: { certFile: string; keyFile: string }
  /** An existing data folder, which `stop` then keeps. */
  dataDir?: string
}

/** A whole portal in a process of its own: server, engine, worker, Postgres. */
export type Stack = {
  url: string
  /** For clients that know nothing of its certificate. */
  internalUrl: string
  port: number
  dataDir: string
  admin: { email: string; password: string }
  /** Spawn to ready, of the latest start, in milliseconds. */
  startedInMs: number
  /** Process ID of the server. */
  pid: number
  /** What the server wrote, standard output and error together. */
  logs(): string
  /** Sends the signal to every process: server, its children, Postgres and its children; resolves when all are dead. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts again on the same port and data, also after `kill`. */
  restart(env?: Record<string, string>): Promise<void>
  /** Ends it in order and removes its data. Throws if it has to be killed. */
  stop(): Promise<void>
}

/** Starts a portal on a free port with a temporary data folder; resolves once it is ready. Needs a build of the pages. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const port = await freePort()
  const admin = { email: 'admin@portal.example', password: 'correct horse battery staple' }
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, process.env[name]]))
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    NODE_ENV: 'production',
    PORT: `${port}`,
    DATA_DIR: dataDir,
    PORTAL_ADMIN_EMAIL: admin.email,
    PORTAL_ADMIN_PASSWORD: admin.password,
    REVOKE_PROBE_MINUTES: '0',
    ...(options.tls ? await tlsSettings(options.tls, port) : {}),
    ...options.env,
  }
  let server = run(env)
  const stack: Stack = {
    url: env.PUBLIC_URL ?? `http://localhost:${port}`,
    internalUrl: options.tls ? `http://127.0.0.1:${port}` : `http://localhost:${port}`,
    port,
    dataDir,
    admin,
    startedInMs: 0,
    get pid() {
      return server.child.pid ?? 0
    },
    logs: () => server.output(),
    async kill(signal = 'SIGKILL') {
      await killTree([server.child.pid, postgresPid(dataDir)], signal)
    },
    async restart(more = {}) {
      await endServer(server.child)
      server.forget()
      Object.assign(env, more)
      server = run(env, server.output())
      stack.startedInMs = await untilReady(port, server)
    },
    async stop() {
      try {
        await endServer(server.child)
      } finally {
        await killTree([server.child.pid, postgresPid(dataDir)], 'SIGKILL')
        server.forget()
        if (!options.dataDir) await removeFolder(dataDir)
      }
    },
  }
  try {
    stack.startedInMs = await untilReady(port, server)
    return stack
  } catch (error) {
    await stack.stop().catch(() => {})
    throw error
  }
}

async function tlsSettings(tls: { certFile: string; keyFile: string }, port: number) {
  const own = await freePort()
  return {
    ...{ PORT: `${own}`, PUBLIC_URL: `https://localhost:${own}`, INTERNAL_URL: `http://127.0.0.1:${port}` },
    ...{ TLS_CERT_FILE: tls.certFile, TLS_KEY_FILE: tls.keyFile },
  }
}

type Server = { child: ChildProcess; output: () => string; forget: () => void; began: number }

function run(env: NodeJS.ProcessEnv, before = ''): Server {
  const child = spawn(process.execPath, [SERVER], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = before
  const add = (text: Buffer) => {
    output = (output + text).slice(-LOG_LIMIT)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  // A test run that dies must not leave a portal behind.
  const atExit = () => {
    for (const pid of processTree([child.pid, postgresPid(env.DATA_DIR ?? '')])) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  }
  process.once('exit', atExit)
  return { child, output: () => output, forget: () => process.off('exit', atExit), began: performance.now() }
}

async function untilReady(port: number, { child, output, began }: Server): Promise<number> {
  const deadline = began + READY_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the portal ended (${child.exitCode ?? child.signalCode}):\n${output().slice(-4000)}`)
    }
    const answer = await fetch(`http://127.0.0.1:${port}/api/health/ready`).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.status === 200) return performance.now() - began
    await delay(20)
  }
  throw new Error(`the portal was not ready within ${READY_MS / 1000} s:\n${output().slice(-4000)}`)
}

async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const late = Symbol('late')
  const timer = new AbortController()
  const first = await Promise.race([exited, delay(STOP_MS, late, { signal: timer.signal, ref: false })])
  timer.abort()
  if (first === late) throw new Error(`the portal did not stop within ${STOP_MS / 1000} s of SIGTERM`)
}

function postgresPid(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/mm-stack-')
  // mkdtemp's 0700 is ours alone; Postgres runs as somebody else where we are root.
  await chmod(folder, 0o711)
  return folder
}

async function removeFolder(folder: string): Promise<void> {
  const home = await realpath(join(folder, 'postgres')).catch(() => folder)
  await rm(home, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
}

/** Below those that systems hand out by themselves: whoever asks for any port, or connects, takes none of these. */
const FIRST_PORT = 20_000
const PORTS = 12_000

/** A port of loopback that nobody listens on, and that nobody is given by chance before it is used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FIRST_PORT + randomInt(PORTS)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('no port is free')
}
