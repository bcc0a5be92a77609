import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createRunningIngests, type RunningIngests } from '../../engine/src/assets/running-ingests.ts'
import { createPool } from '../../engine/src/platform/db.ts'
import type { EngineContext, EngineSettings } from '../../engine/src/platform/engine-context.ts'
import { createSessionConnection } from '../../engine/src/platform/session-connection.ts'
import { openDiskStorage } from '../../engine/src/storage/disk.ts'
import type { StoragePort } from '../../engine/src/storage/port.ts'
import { createDiskSources, type Sources } from '../../engine/src/storage/sources.ts'
import { createRollingHash } from '../../engine/src/uploads/rolling-hash.ts'
import { createDiskSpool } from '../../engine/src/uploads/spool.ts'
import type { UploadParts } from '../../engine/src/uploads/upload-parts.ts'
import { createWriterLocks } from '../../engine/src/uploads/writer-locks.ts'
import type { TestDatabase } from './test-postgres.ts'

export type EngineParts = {
  ctx: EngineContext
  uploads: UploadParts
  storage: StoragePort
  sources: Sources
  running: RunningIngests
  /** Moves this engine's clock, which otherwise stands still at 2026-11-01T00:00:00Z. */
  setClock(at: Date): void
  stop(): Promise<void>
}

/** The insides of one engine process on a test database, without a server; several may share one folder. */
export async function startEngineParts(
  database: TestDatabase,
  overrides: Partial<EngineSettings> = {},
): Promise<EngineParts> {
  const own = overrides.folder === undefined
  const folder = overrides.folder ?? (await mkdtemp(join(tmpdir(), 'engine-parts-')))
  const log = pino({ level: 'silent' })
  const pool = createPool(database.poolConfig, log)
  const session = createSessionConnection(pool, log)
  let now = new Date('2026-11-01T00:00:00Z')
  const settings: EngineSettings = {
    publicUrl: 'http://engine.example',
    sessionSecret: 'a secret of the test, long enough',
    credentials: [{ id: 'test', secret: 'test' }],
    webhooks: [],
    maxUploadBytes: 10_000_000,
    apiRateLimits: null,
    allowedInputHosts: ['127.0.0.1'],
    maxDurationSeconds: 3600,
    ffmpegPath: 'ffmpeg',
    ffprobePath: 'ffprobe',
    transcodeConcurrency: 1,
    minUploadRate: 0,
    uploadRateWindowMs: 20_000,
    strictChunks: false,
    fixtures: false,
    shuffleWebhooks: false,
    webhookDelayMs: 0,
    usageDelayHours: 12,
    usageExports: true,
    ...overrides,
    folder,
  }
  const ctx: EngineContext = {
    pool,
    settings,
    clock: () => now,
    log,
    session,
    onPlaybackEnded: () => undefined,
  }
  const locks = createWriterLocks(session, pool)
  const running = createRunningIngests(session)
  await session.start()
  return {
    ctx,
    uploads: { ctx, spool: createDiskSpool(folder), locks, hashes: createRollingHash() },
    storage: await openDiskStorage(join(folder, 'objects')),
    sources: createDiskSources(folder),
    running,
    setClock(at) {
      now = at
    },
    async stop() {
      await locks.stop()
      await session.stop()
      await pool.end()
      if (own) await rm(folder, { recursive: true, force: true })
    },
  }
}
