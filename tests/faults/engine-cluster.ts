import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import type { StorageConfig } from '../../engine/src/open-stores.ts'
import { type EngineNode, launch } from '../support/engine-fleet.ts'
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts'
import type { Random } from '../support/random.ts'
import { s3Environment, startS3Server } from '../support/s3-server.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import { type EventSink, startEventSink } from './event-sink.ts'

export const ROLES = ['api', 'delivery', 'worker'] as const
export type Role = (typeof ROLES)[number]
export type StorageKind = 'disk' | 's3'

/** Two processes of each role over one database and one store that fails at random. */
export type Cluster = {
  kind: StorageKind
  pool: pg.Pool
  /** The way to the S3 server. */
  line: FaultyProxy | null
  storage: StorageConfig
  sink: EventSink
  authorization: string
  /** The address of one of a role's processes, a random one. */
  url(role: Role): string
  nodes(role: Role): EngineNode[]
  /** SIGKILL of a random process of a role; its successor starts at once. Gives what was killed. */
  kill(role: Role): Promise<string>
  /** Ends a role's processes, in order unless told otherwise; none follows. */
  empty(role: Role, signal?: NodeJS.Signals): Promise<void>
  /** One more process of a role. */
  start(role: Role): Promise<void>
  /** Waits until the successors of all killed processes answer. */
  healed(): Promise<void>
  /** From here on the store does what it is asked. */
  calm(): Promise<void>
  /** Ends all processes in order. */
  rest(): Promise<void>
  stop(): Promise<void>
}

/** Where requests go while all of a role's processes are dead. */
const NOBODY = { url: 'http://127.0.0.1:9' }

/** Of the calls to storage that fail: on disk by injection, with S3 on the way to it. */
const FAULT_RATE = { disk: 0.004, s3: 0.02 }

const PROCESSES = 2

type Options = {
  /** Where the data folder is made. */
  parent?: string
  faultRate?: number
}

export async function startCluster(
  kind: StorageKind,
  random: Random,
  options: Options = {},
): Promise<Cluster> {
  const faultRate = options.faultRate ?? FAULT_RATE[kind]

  const postgres = await startTestPostgres()
  const database = await cloneDatabase(postgres.config, 'engine')
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'engine-faults-'))
  const sink = await startEventSink(random)
  const secret = randomBytes(24).toString('hex')
  const line = kind === 's3' ? await startBucket(random) : null
  const env = {
    PATH: process.env.PATH ?? '',
    TZ: process.env.TZ ?? '',
    DATABASE_URL: database.url,
    ENGINE_DATA_DIR: folder,
    ENGINE_TOKEN_ID: 'faults',
    ENGINE_TOKEN_SECRET: secret,
    ENGINE_SESSION_SECRET: randomBytes(32).toString('hex'),
    ENGINE_PUBLIC_URL: 'http://engine.example',
    ENGINE_WEBHOOK_URL: sink.url,
    ENGINE_WEBHOOK_SECRET: randomBytes(24).toString('hex'),
    ENGINE_LOG_LEVEL: process.env.ENGINE_LOG_LEVEL ?? 'silent',
    ...(line?.env ?? { ENGINE_TEST_STORAGE_FAULTS: String(faultRate) }),
  }
  const launchRole = (role: Role) => launch({ ...env, ENGINE_ROLES: role })
  const running = new Map<Role, EngineNode[]>()
  for (const role of ROLES) {
    running.set(role, await Promise.all(Array.from({ length: PROCESSES }, () => launchRole(role))))
  }
  if (faultRate > 0) line?.proxy.set({ kind: 'rough', rate: faultRate })
  let healing: Promise<unknown> = Promise.resolve()
  const nodes = (role: Role) => running.get(role) ?? []
  return {
    kind,
    pool: database.pool,
    line: line?.proxy ?? null,
    storage: line ? { kind: 's3', folder, s3: line.settings } : { kind: 'disk', folder },
    sink,
    authorization: `Basic ${Buffer.from(`faults:${secret}`).toString('base64')}`,
    url: (role) => (random.pick(nodes(role)) ?? NOBODY).url,
    nodes,
    async kill(role) {
      const victim = await until(`a ${role} to kill`, () => random.pick(nodes(role)))
      running.set(
        role,
        nodes(role).filter((each) => each !== victim),
      )
      await victim.end('SIGKILL')
      const next = launchRole(role).then((node) => running.set(role, [...nodes(role), node]))
      healing = Promise.all([healing, next])
      return `${role} ${victim.pid}`
    },
    async empty(role, signal) {
      const ended = nodes(role)
      running.set(role, [])
      await Promise.all(ended.map((node) => node.end(signal)))
    },
    async start(role) {
      const node = await launchRole(role)
      running.set(role, [...nodes(role), node])
    },
    async healed() {
      await healing
    },
    async calm() {
      await healing
      line?.proxy.set({ kind: 'fair' })
    },
    async rest() {
      await healing
      await Promise.all(ROLES.flatMap(nodes).map((node) => node.end()))
    },
    async stop() {
      await healing.catch(() => undefined)
      await Promise.all(ROLES.flatMap(nodes).map((node) => node.end('SIGKILL')))
      await sink.stop()
      await line?.stop()
      await database.close()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startBucket(random: Random) {
  const server = await startS3Server()
  const proxy: FaultyProxy = await startFaultyProxy(server.port, () => random.below(1_000_000) / 1_000_000)
  return {
    proxy,
    settings: server.settings,
    env: s3Environment({ ...server.settings, endpoint: proxy.origin }),
    async stop() {
      await proxy.stop()
      await server.stop()
    },
  }
}
