import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import next from 'next'
import { addressOwner, clientAddress, proxyTrust, sourceOf } from './api/client-address.ts'
import { isPage, limitedDoor, strangersAtEngine } from './api/limited-door.ts'
import { createApi } from './api/routes.ts'
import { settlePageRequest } from './api/settle-page-request.ts'
import { pageTeller } from './api/tell-page.ts'
import { VIEWER_PATH } from './api/viewer-door.ts'
import { watchMedia } from './api/watch-media.ts'
import { compose, type Portal } from './compose.ts'
import { composeEngine } from './compose-engine.ts'
import { ensureFirstLogAccess } from './modules/audit/grants/give-access.ts'
import { ensureFirstAdministrator } from './modules/identity/first-administrator.ts'
import { ensureSigningKey } from './modules/playback/create-signing-key.ts'
import { checkStaging } from './modules/reliability/check-staging.ts'
import { noteSettings } from './modules/reliability/note-settings.ts'
import { type Heart, startHeart } from './modules/reliability/telemetry/beat-heart.ts'
import { type App, setApp } from './platform/app.ts'
import { bodyRuleOf, isTooLarge, refuseTooLarge } from './platform/body-rules.ts'
import type { Handler } from './platform/front-door.ts'
import { isOurHost } from './platform/host-guard.ts'
import { catchTheRest } from './platform/last-resort.ts'
import { type Listeners, openListeners } from './platform/open-listeners.ts'
import { markVisit, pageHeaders } from './platform/page-headers.ts'
import { answerHeaders } from './platform/security-headers.ts'
import { inTurns } from './platform/turns-by-address.ts'
import { onceWhole } from './platform/whole-body.ts'
import { startWorker } from './worker.ts'

const DRAIN_MS = 10_000
const PORTAL_FOLDER = fileURLToPath(new URL('..', import.meta.url))
const API_PATH = /^\/((api|audit|metrics|\.well-known)(\/|$)|robots\.txt$)/

/** Starts the roles that ROLES names, in one process, and stays until told to stop. */
async function main(parts: Running): Promise<void> {
  const began = performance.now()
  let stopping = false
  const stop = (code: number) => {
    if (!stopping) void shutDown(parts, code)
    stopping = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0))

  const portal = await compose({ env: process.env, exclusive: true, onLost: () => stop(1) })
  parts.portal = portal
  const { app } = portal
  const { settings } = app
  setApp(app)
  catchTheRest({
    errors: app.ports.errors,
    elapsed: () => performance.now(),
    giveUp: () => stop(1),
  })
  const roles = new Set(settings.ROLES)

  const administrator = await ensureFirstAdministrator(app, process.stdout.isTTY === true)
  await mustBeStaged(app)
  if (roles.has('web')) await app.call(noteSettings, {}, app.newContext({ kind: 'system', id: 'start' }))
  await ensureFirstLogAccess(app, app.newContext({ kind: 'system', id: 'first-start' }))
  if (roles.has('engine') && settings.videoProvider === 'engine') parts.engine = await composeEngine(portal)
  const handle = await composeHandler(portal, parts.engine, roles.has('web'))
  parts.listeners = await openListeners(app, handle, {
    addressOf: addressOwner(settings),
    upgrades: process.env.NODE_ENV !== 'production',
  })
  await parts.engine?.start()
  if (roles.has('web')) await ensureSigningKey(app)
  if (roles.has('worker')) parts.worker = await startWorker(portal)
  parts.heart = startHeart(app)
  portal.setReady(true)

  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(greeting(settings.PUBLIC_URL, seconds, administrator))
}

/** @throws Error where flags have not run in staging, and must have */
async function mustBeStaged(app: App): Promise<void> {
  const { faults, refused } = await app.call(
    checkStaging,
    {},
    app.newContext({ kind: 'system', id: 'start' }),
  )
  if (refused)
    throw new Error(
      `The portal doesn’t start: STAGING_FIRST is required.\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
}

type Running = {
  portal?: Portal
  engine?: Awaited<ReturnType<typeof composeEngine>>
  listeners?: Listeners
  worker?: { stop(): Promise<void> }
  heart?: Heart
}

/** The engine and the API answer first; Next gets the rest. */
async function composeHandler(portal: Portal, engine: Running['engine'], web: boolean): Promise<Handler> {
  const { app, secrets } = portal
  const api = onceWhole(getRequestListener(createApi(app).fetch, { overrideGlobalObjects: false }))
  const pages = web ? await preparePages() : null
  const trust = proxyTrust(app.settings.TRUST_PROXY, app.settings.TRUSTED_PROXIES)
  // A page is the dearest thing that anybody may ask for without a word of who they are. Whoever asks for more than can wait
  // is refused before anything is counted: under a flood the counting alone would take the process's time.
  const pagesInTurns =
    pages &&
    inTurns(limitedDoor(app, 'page', pages), ({ socket, headers }) =>
      sourceOf(clientAddress(socket.remoteAddress, headers['x-forwarded-for']?.toString(), trust)),
    )
  const isStranger = strangersAtEngine({ id: secrets.engineTokenId, secret: secrets.engineTokenSecret })
  const engineInLimits = limitedDoor(app, 'engine', (req, res) => void engine?.handle(req, res))
  const common = Object.entries(answerHeaders(app.settings.PUBLIC_URL.startsWith('https:')))
  const media = watchMedia(app)
  const tellPage = pageTeller(app.settings)
  const isDev = process.env.NODE_ENV !== 'production'
  return async (req, res) => {
    for (const [name, value] of common) res.setHeader(name, value)
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
    if (!isOurHost(app.settings, req.headers.host, path)) {
      res
        .writeHead(421, { 'content-type': 'text/plain; charset=utf-8' })
        .end('This host name is not the portal’s.\n')
      return
    }
    if (req.method === 'TRACE') return refuseMethod(req, res)
    const rule = bodyRuleOf(req.url)
    const tooLarge = isTooLarge(req, rule)
    if (!tooLarge && engine && isStranger(path, req)) return void (await engineInLimits(req, res))
    if (!tooLarge && engine?.handle(req, res)) return media(req, res, path)
    countRequest(app.telemetry, req, res)
    pageHeaders(app, req, res, isDev)
    if (tooLarge) return refuseTooLarge(res, rule)
    markVisit(req, res)
    if (API_PATH.test(path) || VIEWER_PATH.test(path) || !pages || !pagesInTurns)
      return void (await api(req, res))
    // Next would show a page to whoever puts or deletes it.
    if (!isDev && req.method !== 'GET' && req.method !== 'HEAD') return refuseMethod(req, res)
    if (!isDev) settlePageRequest(req)
    tellPage(req, path)
    await (isPage(path) ? pagesInTurns : pages)(req, res)
  }
}

function refuseMethod({ method }: IncomingMessage, res: ServerResponse): void {
  res
    .writeHead(405, { 'content-type': 'text/plain; charset=utf-8', allow: 'GET, HEAD' })
    .end(`${method} is not answered here.\n`)
}

/** By OpenTelemetry's conventions for servers; media and the engine's own API are not counted, only looked after. */
function countRequest(telemetry: App['telemetry'], req: IncomingMessage, res: ServerResponse): void {
  const began = performance.now()
  res.once('finish', () => {
    telemetry.observe(
      'http.server.request.duration',
      { 'http.request.method': req.method ?? 'GET', 'http.response.status_code': String(res.statusCode) },
      (performance.now() - began) / 1000,
    )
  })
}

async function preparePages(): Promise<Handler> {
  const dev = process.env.NODE_ENV !== 'production'
  if (dev) await buildViewerOnChange()
  const server = next({ dev, dir: PORTAL_FOLDER })
  await server.prepare()
  const handle = server.getRequestHandler()
  return (req, res) => handle(req, res)
}

/** The viewer's page is no page of Next's: in development it is built anew whenever a source of it changes. */
async function buildViewerOnChange(): Promise<void> {
  const { build } = await import('vite')
  const config = { configFile: `${PORTAL_FOLDER}vite.config.ts`, configLoader: 'native' as const }
  await build({ ...config, build: { watch: {} } })
  await build({ ...config, build: { ssr: true } })
}

/** Stops taking work, lets what runs finish, then closes from the outside in. */
async function shutDown(running: Running, code: number): Promise<void> {
  const hard = setTimeout(() => process.exit(1), DRAIN_MS + 5000)
  hard.unref()
  running.portal?.setReady(false)
  const closed = running.listeners?.close()
  const cut = setTimeout(() => running.listeners?.closeAll(), DRAIN_MS / 2)
  running.listeners?.closeIdle()
  await running.worker?.stop()
  await running.engine?.stop()
  running.listeners?.closeAll()
  await closed
  clearTimeout(cut)
  await running.heart?.stop()
  await running.portal?.close({ stopDatabase: true })
  setApp(undefined)
  process.exit(code)
}

function greeting(
  url: string,
  seconds: string,
  administrator: Awaited<ReturnType<typeof ensureFirstAdministrator>>,
): string {
  const lines = [`The portal runs at ${url} (started in ${seconds} s). Stop it with Ctrl-C.`]
  if (administrator) {
    lines.push(`Sign in as ${administrator.email}`)
    if (administrator.password) lines.push(`with the password ${administrator.password} (shown this once).`)
    else if (administrator.file)
      lines.push(`with the password in ${administrator.file} (deleted at the first sign-in).`)
    else lines.push('with the password from PORTAL_ADMIN_PASSWORD.')
  }
  return `\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`
}

const parts: Running = {}
main(parts).catch(async (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  // A start that failed half-way must not leave its database running behind it.
  await shutDown(parts, 1)
})
