import { createServer } from 'node:http'
import { createEngine } from '#engine/compose.ts'
import { readSettings, type ServerSettings } from '#engine/platform/env.ts'
import { sendError } from '#engine/platform/http.ts'
import { createLog } from '#engine/platform/log.ts'

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
  const { host, port, logLevel, config } = settingsOrExit()
  const log = createLog(logLevel)
  const engine = await createEngine({ ...config, log })
  await engine.start()
  const server = createServer({ requestTimeout: 0, headersTimeout: 10_000 }, (req, res) => {
    if (!engine.handle(req, res)) sendError(res, 404, 'There is nothing here.')
  })
  server.listen(port, host, () => log.info({ host, address: server.address() }, 'engine is ready'))

  let stopping = false
  async function stop(signal: string): Promise<void> {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'engine is stopping')
    server.close()
    setTimeout(() => server.closeAllConnections(), STOP_MS).unref()
    await engine.stop()
    server.closeAllConnections()
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
}

await main()
