import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Mux from '@mux/mux-node'
import type pg from 'pg'
import { freePort } from './stack.ts'
import { cloneDatabase, startTestPostgres } from './test-postgres.ts'
import { until } from './until.ts'

const SERVER = fileURLToPath(new URL('../../engine/src/server.ts', import.meta.url))
/** Several may start at once, on a machine that has other things to do. */
const START_MS = 120_000

/** One running `engine/src/server.ts`. */
export type EngineNode = {
  url: string
  port: number
  pid: number
  /** Ends it; by default in order. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Engine processes of any roles over one database and one folder. */
export type EngineFleet = {
  folder: string
  databaseUrl: string
  /** Looks into the database, and breaks what a test wants broken. */
  pool: pg.Pool
  /** Talks to the first engine. */
  mux: Mux
  credentials: { id: string; secret: string }
  /** The first engine: every role. */
  first: EngineNode
  /** One more engine; `env` on top of what all share, such as ENGINE_ROLES. */
  start(env?: Record<string, string>): Promise<EngineNode>
  stop(): Promise<void>
}

/** Starts a database and one engine with every role; more engines over the same data can follow. */
export async function startFleet(env: Record<string, string> = {}): Promise<EngineFleet> {
  const postgres = await startTestPostgres()
  const database = await cloneDatabase(postgres.config, 'engine')
  const folder = await mkdtemp(join(tmpdir(), 'engine-fleet-'))
  const credentials = { id: 'fleet', secret: randomBytes(24).toString('hex') }
  const shared = {
    PATH: process.env.PATH ?? '',
    TZ: process.env.TZ ?? '',
    DATABASE_URL: database.url,
    ENGINE_DATA_DIR: folder,
    ENGINE_TOKEN_ID: credentials.id,
    ENGINE_TOKEN_SECRET: credentials.secret,
    ENGINE_SESSION_SECRET: randomBytes(32).toString('hex'),
    ENGINE_LOG_LEVEL: process.env.ENGINE_LOG_LEVEL ?? 'error',
    ...env,
  }
  const nodes: EngineNode[] = []
  const start = async (more: Record<string, string> = {}) => {
    const node = await launch({ ...shared, ...more })
    nodes.push(node)
    return node
  }
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.end()))
    await database.close()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const first = await start()
    const { id, secret } = credentials
    const mux = new Mux({ baseURL: first.url, tokenId: id, tokenSecret: secret, logLevel: 'off' })
    return { folder, databaseUrl: database.url, pool: database.pool, mux, credentials, first, start, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export async function launch(env: Record<string, string>): Promise<EngineNode> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [SERVER], {
    env: { ENGINE_PUBLIC_URL: url, NODE_ENV: 'test', ...env, ENGINE_PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  // A run that is cut short leaves no engine behind.
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  child.once('exit', () => process.off('exit', atExit))
  const node = { url, port, pid: child.pid ?? 0, end: (signal?: NodeJS.Signals) => end(child, signal) }
  const answers = async () => {
    if (child.exitCode !== null) throw new Error(`the engine ended with ${child.exitCode} while starting`)
    return await fetch(url).then(
      (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    )
  }
  await until('the engine answers', answers, START_MS).catch(async (error) => {
    await end(child, 'SIGKILL')
    throw error
  })
  return node
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
