import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { App } from './app.ts'
import { boundsFor } from './connection-book.ts'
import type { Settings } from './env.ts'
import { createFrontDoor, type FrontDoorOptions, type Handler } from './front-door.ts'
import { redirectToHttps } from './https-redirect.ts'
import { isLoopback } from './settings/loopback.ts'
import { readCertificate, type TlsCertificate, type TlsTrouble, watchCertificate } from './tls-certificate.ts'

const LOOK_MS = 30_000

export type Listeners = {
  /** Takes no new connection; resolves once the last has ended. */
  close(): Promise<void>
  closeIdle(): void
  closeAll(): void
}

/**
 * Opens what the settings ask for: PORT, in TLS where there is a certificate; then also plain HTTP on loopback for what
 * the portal asks of itself, and on HTTP_PORT the way to https.
 * @throws Error with one sentence where a port is taken or the certificate can't be used
 */
export async function openListeners(
  app: App,
  handle: Handler,
  { addressOf, upgrades }: Pick<FrontDoorOptions, 'addressOf' | 'upgrades'>,
): Promise<Listeners> {
  const { settings, telemetry } = app
  const bounds = boundsFor(roomFor(settings.MAX_CONNECTIONS))
  const common: FrontDoorOptions = {
    ...{ handle, bounds, addressOf, upgrades },
    onEnded: (reason) => telemetry.add('portal.http.ended', { reason }),
  }
  const files = tlsFiles(settings)
  const served = files && (await readCertificate(files))
  const main = createFrontDoor({ ...common, tls: served?.options })
  const opened = [main]
  await listen(main, settings.PORT, settings.HOST)
  const watch = files && served ? watchServed(app, main as TlsServer, files, served) : null
  const inner = new URL(settings.INTERNAL_URL)
  if (served && inner.protocol === 'http:' && isLoopback(inner.href)) {
    const server = createFrontDoor(common)
    opened.push(server)
    await listen(server, Number(inner.port || 80), '127.0.0.1')
  }
  if (served && settings.HTTP_PORT !== undefined) {
    const server = createFrontDoor({ ...common, handle: redirectToHttps(settings.PUBLIC_URL) })
    opened.push(server)
    await listen(server, settings.HTTP_PORT, settings.HOST)
  }
  return {
    async close() {
      watch?.stop()
      await Promise.all(opened.map((server) => new Promise<void>((done) => server.close(() => done()))))
    },
    closeIdle() {
      for (const server of opened) server.closeIdleConnections()
    },
    closeAll() {
      for (const server of opened) server.closeAllConnections()
    },
  }
}

function tlsFiles({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }: Settings) {
  return certFile && keyFile ? { certFile, keyFile } : null
}

const ALERT = 'tls.certificate'

function watchServed(
  { ports, clock, log }: App,
  server: TlsServer,
  files: { certFile: string; keyFile: string },
  served: TlsCertificate,
) {
  let told: TlsTrouble['reason'] | null = null
  const onTrouble = (trouble: TlsTrouble | null) => {
    if (trouble && told !== trouble.reason) {
      const severity = trouble.days < 3 ? 'critical' : 'warning'
      void ports.alerts.raise({
        ...{ key: ALERT, severity, summary: trouble.summary },
        details: { days: trouble.days },
      })
    } else if (!trouble && told) void ports.alerts.resolve(ALERT)
    told = trouble?.reason ?? null
  }
  const onRenewed = (validTo: Date) =>
    log.info({ validTo: validTo.toISOString() }, 'a renewed TLS certificate is served')
  const watch = watchCertificate({
    ...{ server, files, served, clock, onRenewed, onTrouble },
    everyMs: LOOK_MS,
  })
  void watch.look()
  return watch
}

/** Sockets share the process's open files with everything else it holds. */
function roomFor(wanted: number): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft ? Math.max(50, Math.min(wanted, Math.floor(Number(soft) * 0.6))) : wanted
  } catch {
    return wanted
  }
}

function listen(server: Server | TlsServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken by another program. Stop it, or set PORT to a free one.`)
          : error,
      )
    })
    server.listen(port, host, resolve)
  })
}
