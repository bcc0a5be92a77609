import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '../../../portal/src/api/routes.ts'
import { compose } from '../../../portal/src/compose.ts'
import { composeEngine } from '../../../portal/src/compose-engine.ts'
import { ensureFirstAdministrator } from '../../../portal/src/modules/identity/first-administrator.ts'
import { ensureSigningKey } from '../../../portal/src/modules/playback/create-signing-key.ts'
import { pageHeaders } from '../../../portal/src/platform/page-headers.ts'
import { startWorker } from '../../../portal/src/worker.ts'
import type { MovedClock } from './moved-clock.ts'

export type MovedPortal = {
  url: string
  admin: { email: string; password: string }
  stop(): Promise<void>
}

/**
 * The whole portal in this process, engine, worker and Postgres with it, by a clock of ours: what it decides, signs,
 * stores and says in its Date header. Its own timers (keep-alives, polls) go by the machine's. Without Next's pages,
 * which no viewer sees.
 */
export async function startMovedPortal(clock: MovedClock): Promise<MovedPortal> {
  const dataDir = await mkdtemp('/tmp/mm-moved-')
  await chmod(dataDir, 0o711)
  // Taken before anything is composed: between asking for a free port and listening on it, somebody else may.
  let answer: RequestListener = (_req, res) => void res.writeHead(503).end()
  const server = createServer((req, res) => answer(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const admin = { email: 'admin@portal.example', password: 'correct horse battery staple' }
  const { PATH, HOME, FFMPEG_PATH, FFPROBE_PATH } = process.env
  const portal = await compose({
    env: {
      ...{ PATH, HOME, FFMPEG_PATH, FFPROBE_PATH, PORT: `${port}`, DATA_DIR: dataDir, LOG_LEVEL: 'error' },
      ...{ PORTAL_ADMIN_EMAIL: admin.email, PORTAL_ADMIN_PASSWORD: admin.password },
      // Windows of the limits are the machine's seconds: sixty-fold renewals would look like an attack.
      ...{ RATE_LIMIT_ENFORCED: 'false', REVOKE_PROBE_MINUTES: '0' },
    },
    exclusive: true,
    clock: () => new Date(clock.now()),
  })
  const { app } = portal
  await ensureFirstAdministrator(app, false)
  const engine = await composeEngine(portal)
  const api = getRequestListener(createApi(app).fetch, { overrideGlobalObjects: false })
  answer = (req, res) => {
    res.setHeader('date', new Date(clock.now()).toUTCString())
    if (engine.handle(req, res)) return
    pageHeaders(app, req, res, false)
    void api(req, res)
  }
  await engine.start()
  await ensureSigningKey(app)
  const worker = await startWorker(portal)
  portal.setReady(true)
  return {
    url: `http://localhost:${port}`,
    admin,
    async stop() {
      server.closeAllConnections()
      await worker.stop()
      await engine.stop()
      await new Promise((resolve) => server.close(resolve))
      await portal.close({ stopDatabase: true })
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
