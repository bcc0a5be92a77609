import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Logger } from 'graphile-worker'
import type pg from 'pg'
import { composePorts, composeStorage } from './compose-adapters.ts'
import { actorOfRequest } from './modules/access/actor-of-request.ts'
import { aloneWithSecrets } from './modules/access/data-key/alone-with-secrets.ts'
import { watchWrites } from './modules/audit/archive/watch-writes.ts'
import { createAuditReader } from './modules/audit/audit-reader.ts'
import { createAuditKeys } from './modules/audit/change-keys.ts'
import { type AuditLog, openAuditLog } from './modules/audit/compose-audit.ts'
import { admitByVendor, refuseByVendor } from './modules/identity/admit-by-vendor.ts'
import type { App, RequestFacts } from './platform/app.ts'
import { collectTelemetry } from './platform/collect-telemetry.ts'
import type { Actor, Context } from './platform/context.ts'
import { longestPauseMinutes } from './platform/cron-pause.ts'
import { createDb, createPool, migrate } from './platform/db.ts'
import { openPostgres, type PostgresHandle } from './platform/embedded-postgres.ts'
import { loadSettings, type Settings } from './platform/env.ts'
import { newId } from './platform/ids.ts'
import { migrateJobs } from './platform/job.ts'
import { createKeys, type Keys, refreshKeys } from './platform/keys.ts'
import { createLiveSecret } from './platform/live-secret.ts'
import { createLog, type Log } from './platform/log.ts'
import { mark } from './platform/mark.ts'
import { listenForNotices } from './platform/notices.ts'
import { call } from './platform/operation.ts'
import { type OtlpTelemetry, startOtlp } from './platform/otlp.ts'
import { gatherRefusals } from './platform/refusals.ts'
import { SEAL_KEYS_TOPIC } from './platform/seal-ring.ts'
import {
  auditKeyFile,
  forgetAuditSigningKey,
  loadSecrets,
  type Secrets,
  secretFiles,
  watchSecrets,
} from './platform/secrets.ts'
import { jobs, keyActions } from './registry.ts'

export type Portal = {
  app: App
  auditLog: AuditLog
  secrets: Secrets
  database: pg.PoolConfig
  /** Said once by the server, when it can do its work. */
  setReady(ready: boolean): void
  /** Closes what compose opened; `stopDatabase` also shuts an embedded PostgreSQL down. */
  close(options: { stopDatabase: boolean }): Promise<void>
}

export type ComposeOptions = {
  env: Record<string, string | undefined>
  /** The portal itself holds the data folder; commands join it. */
  exclusive: boolean
  clock?: () => Date
  /** Called if the data folder was lost to another portal. */
  onLost?: (error: Error) => void
}

/**
 * env → settings → adapters → App. The only file that sees everything.
 * @throws SettingsError, or Error with one sentence for the person at the terminal
 */
export async function compose(options: ComposeOptions): Promise<Portal> {
  const settings = loadSettings(options.env)
  const clock = options.clock ?? (() => new Date())
  const log = createLog(settings.LOG_LEVEL)
  const workerLogger = new Logger(
    () => (level, message) => log[level === 'warning' ? 'warn' : level](message),
  )
  await mkdir(settings.DATA_DIR, { recursive: true, mode: 0o711 })
  const secrets = await loadSecrets(secretFiles(settings))
  const keys = createKeys(secrets, { watch: () => watchSecrets(secretFiles(settings)), clock })
  const postgres = await openPostgres({
    dataDir: settings.DATA_DIR,
    log,
    exclusive: options.exclusive,
    databaseUrl: settings.DATABASE_URL,
    onLost: options.onLost,
  })
  const pool = createPool(postgres.pool, log)
  try {
    await migrate(pool)
    await migrateJobs(pool, workerLogger)
    return await composeApp({ settings, clock, log, workerLogger, secrets, keys, pool, postgres })
  } catch (error) {
    await pool.end()
    await postgres.stop()
    throw error
  }
}

type Parts = {
  settings: Settings
  clock: () => Date
  log: Log
  workerLogger: Logger
  secrets: Secrets
  keys: Keys
  pool: pg.Pool
  postgres: PostgresHandle
}

async function composeApp(parts: Parts): Promise<Portal> {
  const { settings, clock, log, workerLogger, secrets, keys, pool, postgres } = parts
  const db = createDb(pool)
  const auditLog = await openAuditLog({
    pool,
    keys,
    signingKey: secrets.auditSigningKey,
    name: `${new URL(settings.PUBLIC_URL).host}/audit`,
    keyFile: auditKeyFile(settings),
    anchorFile: join(settings.DATA_DIR, 'audit-anchor.txt'),
    witnesses: settings.AUDIT_WITNESSES,
    witnessesRequired: settings.AUDIT_WITNESSES_REQUIRED,
    storage: composeStorage(settings),
    clock,
    log,
  })
  if (auditLog.isKeySpent && secrets.auditSigningKey)
    await aloneWithSecrets({ db }, () => forgetAuditSigningKey(secretFiles(settings)))
  const notices = await listenForNotices(postgres.pool, log)
  notices.subscribe(SEAL_KEYS_TOPIC, () => refreshKeys(keys))
  const otlp = composeOtlp(parts)
  let ready = false
  let pauses: ReturnType<App['schedules']> | undefined
  const closing: (() => Promise<void>)[] = []
  const audit = watchWrites(auditLog.sink, () => app.ports.alerts)
  const atClose = (work: () => Promise<void>) => void closing.push(work)
  const app: App = {
    settings,
    keys,
    pool,
    db,
    ports: await composePorts({
      ...{ ...parts, db },
      admit: (person) => admitByVendor(app, person),
      refused: (provider, reason) => refuseByVendor(app, provider, reason),
    }),
    audit,
    refusals: gatherRefusals({ db, audit, clock, log, keys, atClose }),
    auditReader: createAuditReader(auditLog),
    auditKeys: createAuditKeys(auditLog),
    notices,
    log,
    telemetry: collectTelemetry({
      ...{ pool, clock, log, also: otlp },
      without: settings.UPLOAD_TELEMETRY_ENABLED ? undefined : 'portal.upload.',
    }),
    workerLogger,
    clock,
    cronSecret:
      settings.CRON_SECRET === undefined
        ? keys.cron
        : createLiveSecret({ current: settings.CRON_SECRET, past: [] }),
    metricsToken:
      settings.METRICS_TOKEN === undefined
        ? keys.metrics
        : createLiveSecret({ current: settings.METRICS_TOKEN, past: [] }),
    hashForLog: (value) => mark(keys, 'log', value).toString('hex').slice(0, 16),
    newContext: (actor, request = {}) => newContext(parts, actor, request),
    runScheduledJob: (name) => runScheduledJob(pool, name),
    schedules: () => {
      pauses ??= jobs.flatMap(({ name, schedule }) =>
        schedule ? [{ name, longestPauseMinutes: longestPauseMinutes(schedule) }] : [],
      )
      return pauses
    },
    keyActions: () => keyActions,
    atClose,
    isReady: async () => ready && (await pool.query('select 1')).rowCount === 1,
    call: (operation, input, ctx) => call(app, operation, input, ctx),
    actorFromHeaders: (headers) =>
      actorOfRequest({ identity: app.ports.identity, db, settings, clock }, headers),
  }
  return {
    app,
    auditLog,
    secrets,
    database: postgres.pool,
    setReady: (value) => {
      ready = value
    },
    async close({ stopDatabase }) {
      ready = false
      await notices.stop()
      for (const work of closing)
        await work().catch((error: unknown) =>
          log.error({ err: error }, 'something was not brought to its end'),
        )
      await app.ports.limits.stop()
      await app.ports.errors.flush()
      await app.telemetry.flush()
      await otlp?.stop()
      await pool.end()
      await (stopDatabase ? postgres.stop() : postgres.release())
    },
  }
}

/** Metrics to a collector as well, where one is named; each process tells of itself. */
function composeOtlp({ settings, clock, log }: Parts): OtlpTelemetry | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = settings
  if (!endpoint) return undefined
  return startOtlp({
    ...{ endpoint, headers, clock, log },
    intervalMs: settings.OTEL_METRIC_EXPORT_INTERVAL,
    resource: {
      'service.name': settings.OTEL_SERVICE_NAME,
      'service.instance.id': randomUUID(),
      'portal.roles': settings.ROLES.join(' '),
      'cloud.region': settings.REGION,
    },
  })
}

function newContext(parts: Parts, actor: Actor, request: RequestFacts): Context {
  const requestId = request.requestId ?? `req_${randomUUID().replaceAll('-', '')}`
  return {
    actor,
    requestId,
    now: parts.clock(),
    newId,
    log: parts.log.child({ requestId }),
    region: parts.settings.REGION,
    ipHash: request.ip ? mark(parts.keys, 'ip', request.ip).toString('hex') : null,
    country: request.country ?? null,
  }
}

async function runScheduledJob(pool: pg.Pool, name: string): Promise<boolean> {
  const definition = jobs.find((candidate) => candidate.name === name && candidate.schedule)
  if (!definition) return false
  await pool.query(`select graphile_worker.add_job($1, '{}'::json, max_attempts := $2, job_key := $3)`, [
    name,
    definition.maxAttempts,
    `now:${name}`,
  ])
  return true
}
