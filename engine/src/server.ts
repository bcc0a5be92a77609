import cluster from 'node:cluster'
import type { Logger } from 'pino'
import { createEngine } from '#engine/compose.ts'
import { SEGMENT_CACHE_BYTES } from '#engine/delivery/segment-cache.ts'
import { readSettings, type ServerSettings } from '#engine/platform/env.ts'
import { createLog } from '#engine/platform/log.ts'
import { createOwnDoor } from '#engine/platform/own-door.ts'
import { forkProcesses } from '#engine/serve-processes.ts'

type Running = { stop(): Promise<void> }

/** Longest wait for running answers when asked to stop. */
const STOP_MS = 10_000

function settingsOrExit(): ServerSettings {
  try {
    return readSettings(process.env)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(78)
  }
}

/** The engine alone, from its environment (see platform/env.ts): node engine/src/server.ts */
async function main(): Promise<void> {
  const settings = settingsOrExit()
  const log = createLog(settings.logLevel)
  // A process that only works on jobs has no requests to share out.
  const forks = settings.processes > 1 && settings.config.roles.some((role) => role !== 'worker')
  const { stop } = forks ? await lead(settings, log) : await serve(settings, log)
  let stopping = false
  const end = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'engine is stopping')
    // A forked process is held by its line to the one that forked it.
    void stop().then(() => cluster.isWorker && process.exit())
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** Answers requests, and does jobs where the roles say so. */
async function serve(
  { host, port, config, maxConnections, tls }: ServerSettings,
  log: Logger,
): Promise<Running> {
  const engine = await createEngine({ ...config, log })
  await engine.start()
  const { publicUrl } = config
  const handle = engine.handle.bind(engine)
  const server = await createOwnDoor({ handle, publicUrl, maxConnections, tls, log })
  server.listen(port, host, () => log.info({ host, address: server.address() }, 'engine is ready'))
  return {
    async stop() {
      server.close()
      setTimeout(() => server.closeAllConnections(), STOP_MS).unref()
      await engine.stop()
      server.closeAllConnections()
    },
  }
}

/** Jobs here, requests in processes of their own that share the room for hot segments. */
async function lead({ config, processes, maxConnections }: ServerSettings, log: Logger): Promise<Running> {
  const jobs = config.roles.filter((role) => role === 'worker')
  const answers = config.roles.filter((role) => role !== 'worker')
  const engine = jobs.length > 0 ? await createEngine({ ...config, roles: jobs, log }) : null
  await engine?.start()
  const cacheBytes = Math.floor((config.segmentCacheBytes ?? SEGMENT_CACHE_BYTES) / processes)
  const env = {
    ENGINE_PROCESSES: '1',
    ENGINE_ROLES: answers.join(),
    ENGINE_SEGMENT_CACHE_BYTES: `${cacheBytes}`,
    ENGINE_MAX_CONNECTIONS: `${Math.ceil(maxConnections / processes)}`,
  }
  const forked = forkProcesses(processes, env, log)
  return {
    async stop() {
      await Promise.all([forked.stop(), engine?.stop()])
      process.exit()
    },
  }
}

await main()
