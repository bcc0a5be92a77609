import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Mux from '@mux/mux-node'
import { objectOfFile, s3Environment, startS3Server } from '../support/s3-server.ts'
import { freePort } from '../support/stack.ts'
import { checkedFetch } from './checked-fetch.ts'
import { type InputServer, startInputServer } from './input-server.ts'
import { startWebhookSink, type WebhookSink } from './webhook-sink.ts'

const SERVER = fileURLToPath(new URL('../../engine/src/server.ts', import.meta.url))
const TRANSCRIBER = fileURLToPath(new URL('../support/transcriber.sh', import.meta.url))
const START_MS = 120_000

/** The engine that the checks are run against. */
export type Target = {
  url: string
  credentials: { id: string; secret: string }
  /** The official SDK, its answers held against Mux's OpenAPI document. */
  mux: Mux
  /** For requests outside the SDK; its answers are held against the document too. */
  fetch: typeof fetch
  /** What departed from the document so far; `check` fails on what its own requests added. */
  faults: string[]
  /** Null where the engine is somebody else's: its processes, files and webhooks are out of reach. */
  own: OwnEngine | null
}

export type OwnEngine = {
  sink: WebhookSink
  webhookSecret: string
  maxUploadBytes: number
  /** A server that the engine may fetch from. */
  inputs: InputServer
  /** Another process over the same database, in fixture mode: its URL. Ends with the target. */
  fixtures(): Promise<string>
  /** SIGKILL, then a new process on the same port, data and database. */
  crash(): Promise<void>
  /** SIGTERM, then the same, with other settings where some are given. */
  restart(settings?: Record<string, string>): Promise<void>
  /** Every file that the engine keeps, with its size. */
  files(): Promise<{ path: string; bytes: number }[]>
}

/** A running engine elsewhere. */
export function remoteTarget(url: string, credentials: { id: string; secret: string }): Target {
  return { url, credentials, ...clients(url, credentials), own: null }
}

/** The SDK as another user, or the same one, has it. */
export function sdkClient(
  url: string,
  { id, secret }: { id: string; secret: string },
  fetch: Target['fetch'],
) {
  return new Mux({ baseURL: url, tokenId: id, tokenSecret: secret, maxRetries: 0, logLevel: 'off', fetch })
}

function clients(url: string, credentials: Target['credentials']) {
  const faults: string[] = []
  const fetch = checkedFetch(url, faults)
  return { mux: sdkClient(url, credentials, fetch), fetch, faults }
}

/** Starts `engine/src/server.ts` as a process of its own, with fresh data, on a free port. */
export async function startTarget(
  databaseUrl: string,
  options: { maxUploadBytes?: number; storage?: 'disk' | 's3' } = {},
): Promise<Target & { own: OwnEngine; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-conformance-'))
  const sink = await startWebhookSink()
  // Inside the folder, so that `files` shows what the store keeps.
  const s3 = options.storage === 's3' ? await startS3Server(folder) : null
  const inputs = await startInputServer()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const credentials = { id: 'conformance', secret: randomBytes(24).toString('hex') }
  const webhookSecret = randomBytes(24).toString('hex')
  const maxUploadBytes = options.maxUploadBytes ?? 64 * 1024 * 1024
  const env = {
    PATH: process.env.PATH,
    TZ: process.env.TZ,
    NODE_ENV: 'test' as const,
    DATABASE_URL: databaseUrl,
    ENGINE_DATA_DIR: folder,
    ENGINE_TOKEN_ID: credentials.id,
    ENGINE_TOKEN_SECRET: credentials.secret,
    ENGINE_SESSION_SECRET: randomBytes(32).toString('hex'),
    ENGINE_PORT: String(port),
    ENGINE_PUBLIC_URL: url,
    ENGINE_WEBHOOK_URL: sink.url,
    ENGINE_WEBHOOK_SECRET: webhookSecret,
    // Where the checks' own servers are; 127.0.0.2 and all the rest stay closed.
    ENGINE_ALLOWED_INPUT_HOSTS: '127.0.0.1',
    ENGINE_TRANSCRIBE_COMMAND: TRANSCRIBER,
    ENGINE_MAX_UPLOAD_BYTES: String(maxUploadBytes),
    ENGINE_USAGE_DELAY_HOURS: '0',
    ENGINE_LOG_LEVEL: process.env.ENGINE_LOG_LEVEL ?? 'error',
    ...(s3 ? s3Environment(s3.settings) : {}),
  }
  let child = await launch(url, env)
  let fixtures: Promise<{ url: string; child: ChildProcess }> | null = null
  async function launchFixtures() {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const { ENGINE_TOKEN_ID: _, ENGINE_TOKEN_SECRET: __, ENGINE_WEBHOOK_URL: ___, ...shared } = env
    const own = { ENGINE_PORT: String(port), ENGINE_PUBLIC_URL: url, ENGINE_ROLES: 'api,delivery' }
    return { url, child: await launch(url, { ...shared, ...own, ENGINE_TEST_MODE: 'fixtures' }) }
  }
  async function again(signal: NodeJS.Signals, settings: Record<string, string> = {}) {
    await end(child, signal)
    child = await launch(url, { ...env, ...settings })
  }
  return {
    url,
    credentials,
    ...clients(url, credentials),
    own: {
      sink,
      webhookSecret,
      maxUploadBytes,
      inputs,
      async fixtures() {
        fixtures ??= launchFixtures()
        return (await fixtures).url
      },
      crash: () => again('SIGKILL'),
      restart: (settings) => again('SIGTERM', settings),
      files: () => filesBelow(folder),
    },
    async stop() {
      const more = await fixtures?.catch(() => null)
      await Promise.all([end(child, 'SIGTERM'), more && end(more.child, 'SIGTERM')])
      await Promise.all([sink.stop(), inputs.stop(), s3?.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A run that is cut short leaves no engine behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

async function launch(url: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  // Its log goes to stderr: a command's JSON stays alone on stdout.
  const child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 2, 'inherit'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the engine ended with ${child.exitCode} while starting`)
    const answer = await fetch(`${url}/system/v1/whoami`).catch(() => null)
    if (answer?.status === 401) return child
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await end(child, 'SIGKILL')
  throw new Error('the engine did not start in time')
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

async function filesBelow(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    // A folder that went away while it was read: look again.
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (!entries) return filesBelow(folder)
  const files = entries
    .filter(
      (entry) => entry.isFile() && !(entry.parentPath.includes('s3-server-') && !objectOfFile(entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (path) => ({ path, bytes: (await stat(path).catch(() => null))?.size ?? 0 })),
  )
}
