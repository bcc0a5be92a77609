import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type pg from 'pg'
import type { Logger } from 'pino'
import { createApi } from '#engine/api/app.ts'
import { createRunningIngests } from '#engine/assets/running-ingests.ts'
import { sweepWorkFolders } from '#engine/assets/work-folders.ts'
import type { DeliveryParts } from '#engine/delivery/delivery-port.ts'
import { createDelivery } from '#engine/delivery/handler.ts'
import { settingsOf } from '#engine/engine-settings.ts'
import { warnOfFixtures } from '#engine/fixtures/fixture-mode.ts'
import { answerFixturePlayback } from '#engine/fixtures/fixture-playback.ts'
import { createHealth } from '#engine/health.ts'
import { ingest } from '#engine/media/ingest.ts'
import { openStores, type StorageConfig } from '#engine/open-stores.ts'
import { createPool } from '#engine/platform/db.ts'
import { drainEngine } from '#engine/platform/drain.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { discardBody, hasBody } from '#engine/platform/http.ts'
import { migrateJobs, startJobs } from '#engine/platform/job-runner.ts'
import { createLog } from '#engine/platform/log.ts'
import { migrate } from '#engine/platform/migrations.ts'
import { createOutboundGuard } from '#engine/platform/outbound-guard.ts'
import { createSessionConnection } from '#engine/platform/session-connection.ts'
import { createRollingHash } from '#engine/uploads/rolling-hash.ts'
import { createUploadHandler } from '#engine/uploads/upload-handler.ts'
import type { UploadParts } from '#engine/uploads/upload-parts.ts'
import { createWriterLocks } from '#engine/uploads/writer-locks.ts'
import { createExportDownload } from '#engine/usage/export-download.ts'
import { createUsage } from '#engine/usage/usage.ts'
import { createOutbox } from '#engine/webhooks/outbox.ts'
import { engineLanes } from '#engine/worker.ts'

export type EngineRole = 'api' | 'delivery' | 'worker'

export type EngineConfig = {
  databaseUrl: string
  /** Wins over databaseUrl: an embedded Postgres behind a Unix socket. */
  pool?: pg.PoolConfig
  storage: StorageConfig
  /** Origin that browsers follow. */
  publicUrl: string
  /** Basic authentication of the REST API. */
  credentials: { id: string; secret: string }[]
  webhooks: { url: string; secret: string }[]
  /** Signs upload, rendition and segment URLs. */
  sessionSecret: string
  ffmpegPath: string
  ffprobePath: string
  roles: EngineRole[]
  clock?: () => Date
  log?: Logger
  /** Hosts (`name` or `name:port`) that URLs of inputs and webhooks may name although they are not public; `*`: all. */
  allowedInputHosts?: string[]
  maxUploadBytes: number
  /** Requests a second of one API credential; Mux's are 1 and 5. None by default. */
  apiRateLimits?: { posts: number; others: number }
  maxDurationSeconds: number
  segmentCacheBytes?: number
  /** Who sends stored objects; the engine itself where unset. */
  sentBy?: DeliveryParts['sentBy']
  /** Told of each refused playback or image request; never of a token. */
  onPlaybackRefused?: DeliveryParts['onRefused']
  transcodeConcurrency?: number
  /** Absolute path of a program that writes down a WAV file's words as WebVTT. */
  transcribeCommand?: string
  /** Bytes a second below which an upload's stream is ended; 1024 by default, over windows of 20 s. */
  minUploadRate?: number
  uploadRateWindowMs?: number
  /** Hours until delivery usage is answered: 12 by default, as Mux. */
  usageDelayHours?: number
  /** Daily CSVs of usage; made unless false. */
  usageExports?: boolean
  /**
   * storageFaults: the part of all calls to storage that fail.
   * strictChunks: only multiples of 256 KiB, as Mux. shuffleWebhooks: each twice, in random order, up to
   * webhookDelayMs late (1 s by default).
   */
  testMode?: {
    storageFaults?: number
    strictChunks?: boolean
    /** For the official SDK's own tests: made-up things; see fixtures/. */
    fixtures?: boolean
    shuffleWebhooks?: boolean
    webhookDelayMs?: number
  }
}

export type Engine = {
  /** True if the URL is the engine's and is being answered. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Migrates, then starts what the roles ask for. */
  start(): Promise<void>
  /** Runs jobs and webhook deliveries until none is due; for tests. */
  drain(): Promise<void>
  /** Ends running work at a safe point; what was not finished goes on at the next start. */
  stop(): Promise<void>
}

/** Builds an engine from its configuration; the only file of the engine that sees all of its parts. */
export async function createEngine(config: EngineConfig): Promise<Engine> {
  const log = config.log ?? createLog()
  const pool = createPool(config.pool ?? { connectionString: config.databaseUrl }, log)
  const session = createSessionConnection(pool, log)
  const ctx: EngineContext = {
    pool,
    settings: settingsOf(config),
    clock: config.clock ?? (() => new Date()),
    log,
    session,
    onPlaybackEnded: () => undefined,
  }
  const { storage, sources, spool } = await openStores(config.storage, config.testMode?.storageFaults)
  const uploads: UploadParts = {
    ctx,
    spool,
    locks: createWriterLocks(session, pool),
    hashes: createRollingHash(),
  }
  const running = createRunningIngests(session)
  const guard = createOutboundGuard(ctx.settings.allowedInputHosts)
  const outbox = createOutbox(ctx, (receiver) =>
    receiver.guarded ? guard.agentFor(guard.check(receiver.url)) : undefined,
  )
  const usage = createUsage(ctx)
  const delivery = config.roles.includes('delivery')
    ? createDelivery({
        pool,
        served: usage.served,
        storage,
        sessionSecret: config.sessionSecret,
        publicUrl: ctx.settings.publicUrl,
        clock: ctx.clock,
        log,
        session,
        ffmpegPath: config.ffmpegPath,
        onRefused: config.onPlaybackRefused,
        segmentCacheBytes: config.segmentCacheBytes,
        sentBy: config.sentBy,
      })
    : null
  ctx.onPlaybackEnded = (playbackId) => delivery?.forget(playbackId)
  const lanes = engineLanes({ ctx, storage, sources, running, ingest }, uploads)
  const handlers = [
    createHealth({ ctx, storage, spool }),
    ...(config.roles.includes('api')
      ? [createExportDownload(ctx), restHandler(ctx, uploads), createUploadHandler(uploads)]
      : []),
    ...(ctx.settings.fixtures ? [answerFixturePlayback] : []),
    ...(delivery ? [delivery.handle] : []),
  ]
  const works = config.roles.includes('worker')
  let jobs: Awaited<ReturnType<typeof startJobs>> | null = null

  return {
    handle(req, res) {
      const isOurs = handlers.some((handler) => handler(req, res))
      // What none of these asks for must neither be kept nor hold the connection.
      if (isOurs && hasBody(req) && !READS_BODIES.test(req.url ?? ''))
        discardBody(req, { maxBytes: MOST_UNASKED_BYTES })
      return isOurs
    },
    async start() {
      if (ctx.settings.fixtures) warnOfFixtures(log)
      await migrate(pool)
      await migrateJobs(pool, log)
      await session.start()
      if (delivery || works) await usage.start()
      if (!works) return
      await sweepWorkFolders(ctx.settings.folder, running)
      jobs = await startJobs(pool, lanes, log)
      outbox.start()
    },
    async drain() {
      await drainEngine(ctx, lanes, outbox, jobs !== null)
      await usage.flush()
    },
    async stop() {
      running.stopAll()
      await uploads.locks.stop()
      await Promise.all([jobs?.stop(), outbox.stop()])
      await delivery?.stop()
      await usage.stop()
      await session.stop()
      await storage.close()
      await pool.end()
    },
  }
}

/** Uploads and the REST API, which bound what they read by themselves. */
const READS_BODIES = /^\/(upload\/|(video|system)\/v1(\/|\?|$))/
const MOST_UNASKED_BYTES = 64 * 1024

/** Slowest acceptable body of a REST request, which is at most 128 KiB. */
const REST_BODY_MS = 15_000

/** /video/v1 and /system/v1. */
function restHandler(ctx: EngineContext, uploads: UploadParts) {
  const listener = getRequestListener(createApi(ctx, uploads).fetch, { overrideGlobalObjects: false })
  return (req: IncomingMessage, res: ServerResponse) => {
    if (!/^\/(video|system)\/v1(\/|\?|$)/.test(req.url ?? '')) return false
    const timer = setTimeout(() => req.destroy(), REST_BODY_MS)
    req.once('close', () => clearTimeout(timer))
    res.once('close', () => clearTimeout(timer))
    void listener(req, res)
    return true
  }
}
