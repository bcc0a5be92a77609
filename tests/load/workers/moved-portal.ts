import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '../../../portal/src/api/routes.ts'
import { compose } from '../../../portal/src/compose.ts'
import { composeEngine } from '../../../portal/src/compose-engine.ts'
import { ensureFirstAdministrator } from '../../../portal/src/modules/identity/first-administrator.ts'
import { ensureSigningKey } from '../../../portal/src/modules/playback/create-signing-key.ts'
import { pageHeaders } from '../../../portal/src/platform/page-headers.ts'
import { startWorker } from '../../../portal/src/worker.ts'
import { freePort } from '../../support/stack.ts'
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
  const port = await freePort()
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
  const server = createServer((req, res) => {
    res.setHeader('date', new Date(clock.now()).toUTCString())
    if (engine.handle(req, res)) return
    pageHeaders(app, req, res, false)
    void api(req, res)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
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
