import { createRunningIngests, type RunningIngests } from '#engine/assets/running-ingests.ts'
import { settingsOf } from '#engine/engine-settings.ts'
import { openStores, type Stores } from '#engine/open-stores.ts'
import { createPool } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { readSettings, type ServerSettings } from '#engine/platform/env.ts'
import { createLog } from '#engine/platform/log.ts'
import { createSessionConnection } from '#engine/platform/session-connection.ts'

/** The insides of an engine, for a command: it neither serves nor works on jobs. */
export type OpenEngine = {
  ctx: EngineContext
  config: ServerSettings['config']
  running: RunningIngests
  stores(): Promise<Stores>
  close(): Promise<void>
}

export async function openEngine(env: Record<string, string | undefined>): Promise<OpenEngine> {
  const { config } = readSettings(env)
  const log = createLog('silent')
  const pool = createPool({ connectionString: config.databaseUrl, max: 4 }, log)
  const session = createSessionConnection(pool, log)
  const running = createRunningIngests(session)
  const ctx: EngineContext = {
    pool,
    settings: settingsOf(config),
    clock: () => new Date(),
    log,
    session,
    onPlaybackEnded: () => undefined,
  }
  await session.start()
  let stores: Promise<Stores> | null = null
  return {
    ctx,
    config,
    running,
    stores: () => {
      stores ??= openStores(config.storage)
      return stores
    },
    async close() {
      await (await stores)?.storage.close()
      await session.stop()
      await pool.end()
    },
  }
}
