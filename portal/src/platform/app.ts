import type { Logger as WorkerLogger } from 'graphile-worker'
import type pg from 'pg'
import type { AlertChannel, AlertsPort } from '#portal/adapters/alerts/port.ts'
import type { ErrorsPort } from '#portal/adapters/errors/port.ts'
import type { IdentityPort } from '#portal/adapters/identity/port.ts'
import type { LimitsPort } from '#portal/adapters/limits/port.ts'
import type { MailPort } from '#portal/adapters/mail/port.ts'
import type { StoragePort } from '#portal/adapters/storage/port.ts'
import type { VideoPort } from '#portal/adapters/video/port.ts'
import type { AuditKeys, AuditReader, AuditSink } from './audit-sink.ts'
import type { TelemetryWriter } from './collect-telemetry.ts'
import type { Actor, Context } from './context.ts'
import type { Db } from './db.ts'
import type { Settings } from './env.ts'
import type { Keys } from './keys.ts'
import type { LiveSecret } from './live-secret.ts'
import type { Log } from './log.ts'
import type { Notices } from './notices.ts'
import type { Operation } from './operation.ts'
import type { Refusals } from './refusals.ts'

/** What a door knows of a request beside its actor. */
export type RequestFacts = { requestId?: string; ip?: string; country?: string | null }

export type Ports = {
  video: VideoPort
  storage: StoragePort
  mail: MailPort
  identity: IdentityPort
  limits: LimitsPort
  alerts: AlertsPort
  /** Where alerts are told beside mail, in the order of how loud they are. */
  alertChannels: readonly AlertChannel[]
  errors: ErrorsPort
}

/** The running portal, as every door sees it. */
export type App = {
  settings: Settings
  /** Keys for hashing and sealing, derived by purpose from the master key. */
  keys: Keys
  pool: pg.Pool
  db: Db
  ports: Ports
  audit: AuditSink
  /** Refusals of whoever has no session; those of people and viewers stand in the log one by one. */
  refusals: Refusals
  auditReader: AuditReader
  auditKeys: AuditKeys
  notices: Notices
  log: Log
  /** Counts what happens: portal/src/platform/metrics.ts declares what there is to count. */
  telemetry: TelemetryWriter
  workerLogger: WorkerLogger
  clock: () => Date
  newContext(actor: Actor, request?: RequestFacts): Context
  /** Bearer secret of the cron routes. */
  cronSecret: LiveSecret
  /** Bearer secret of /metrics. */
  metricsToken: LiveSecret
  /** Puts a scheduled job into the queue now; false where there is none of this name. */
  runScheduledJob(name: string): Promise<boolean>
  /** The jobs that come by themselves, and the longest time between two runs. */
  schedules(): readonly { name: string; longestPauseMinutes: number }[]
  /** Whether this process can do its work: the database answers and set-up is done. */
  isReady(): Promise<boolean>
  /** Names of what API keys may be given as scopes. */
  keyActions(): readonly string[]
  call<I, R>(operation: Operation<I, R>, input: unknown, ctx: Context): Promise<R>
  /** Has something done before the database is left; what fails is logged. */
  atClose(work: () => Promise<void>): void
  /** A keyed hash of a caller's key, for logs. */
  hashForLog(value: string): string
  /**
   * Who is behind these request headers: a signed-in person, the owner of an API key, or null.
   * @throws AppError unauthenticated for an API key that does not hold
   */
  actorFromHeaders(headers: Headers): Promise<Actor | null>
}

const KEY = Symbol.for('motion-mavericks.app')

type Holder = { [KEY]?: App }

/** Next and the server load separate copies of every module; the App is the one thing they must share. */
export function setApp(app: App | undefined): void {
  ;(globalThis as Holder)[KEY] = app
}

/** @throws Error before the server has composed the App */
export function getApp(): App {
  const app = (globalThis as Holder)[KEY]
  if (!app) throw new Error('the portal is not composed yet')
  return app
}
