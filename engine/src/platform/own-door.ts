import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Logger } from 'pino'
import { discardBody, hasBody, sendError } from '#engine/platform/http.ts'
import { readCertificate, type TlsFiles, watchCertificate } from '#engine/platform/own-certificate.ts'

export type OwnDoorOptions = {
  /** True if the URL is the engine's and is being answered. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  publicUrl: string
  /** Open connections; half of them for one address. */
  maxConnections: number
  tls?: TlsFiles | undefined
  log: Logger
  /** Milliseconds; for tests. */
  times?: Partial<typeof TIMES>
}

/**
 * A head is whole within 8 s of its first byte, or of the connection where none comes; looked at each second, so that one
 * that never ends is gone within ten. Bodies have guards of their own: uploads may last for hours.
 */
const TIMES = {
  ...{ headersMs: 8_000, handshakeMs: 8_000, keepAliveMs: 15_000, lookMs: 1_000, renewalMs: 30_000 },
  /** What was sealed in a session's ticket can't be opened after so long, by whoever takes our memory either. */
  ticketKeysMs: 86_400_000,
}
const MOST_HEAD_BYTES = 16 * 1024
const MOST_UNASKED_BYTES = 64 * 1024

/**
 * The listener of an engine that runs alone, fit to stand in the open: TLS where there is a certificate, no connection
 * that says nothing for long, no address that takes every place, and headers on each answer that make a browser take it
 * for what it is. What playback needs of other origins (CORS, CORP) its answers set themselves, over these.
 * Sources: CWE-400, CWE-770; OWASP Secure Headers.
 * @throws Error with one sentence where the certificate can't be used
 */
export async function createOwnDoor(options: OwnDoorOptions): Promise<Server | TlsServer> {
  const times = { ...TIMES, ...options.times }
  const headers = headersFor(options.publicUrl)
  const refused = new WeakSet<Socket>()
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    // Where a faulty request ended nobody can tell: what seems to come behind it may be its body.
    if (refused.has(req.socket)) return
    for (const [name, value] of headers) res.setHeader(name, value)
    const fault = faultOf(req)
    if (fault) {
      refused.add(req.socket)
      res.writeHead(fault.status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      return void res.end(fault.text)
    }
    if (req.method !== 'TRACE' && options.handle(req, res)) return
    sendError(res, req.method === 'TRACE' ? 405 : 404, 'There is nothing here.')
    if (hasBody(req)) discardBody(req, { maxBytes: MOST_UNASKED_BYTES })
  }
  const http = {
    requestTimeout: 0,
    headersTimeout: times.headersMs,
    connectionsCheckingInterval: times.lookMs,
    keepAliveTimeout: times.keepAliveMs,
    maxHeaderSize: MOST_HEAD_BYTES,
  }
  const served = options.tls && (await readCertificate(options.tls))
  const server = served
    ? createTlsServer({ ...http, ...served.options, handshakeTimeout: times.handshakeMs }, answer)
    : createServer(http, answer)
  server.maxConnections = options.maxConnections
  holdRoom(server, Math.max(1, Math.floor(options.maxConnections / 2)))
  if (options.tls && served) {
    const spoken = server as TlsServer
    const stop = watchCertificate(spoken, options.tls, served, times.renewalMs, options.log)
    const rotate = setInterval(() => spoken.setTicketKeys(randomBytes(48)), times.ticketKeysMs).unref()
    server.once('close', stop).once('close', () => clearInterval(rotate))
  }
  return server
}

function faultOf({ httpVersion, headers }: IncomingMessage): { status: number; text: string } | null {
  // Node's parser lets 0.9 and 2.0 through.
  if (!/^1\.[01]$/.test(httpVersion)) return { status: 505, text: 'HTTP/1.1 is spoken here.\n' }
  // RFC 9112, 6.1: whoever passed this on may know no chunks, and end the request elsewhere.
  if (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined)
    return { status: 400, text: 'HTTP/1.0 has no Transfer-Encoding.\n' }
  return null
}

function headersFor(publicUrl: string): [string, string][] {
  return [
    ['cache-control', 'no-store'],
    // A picture or a video opened by itself is a page that loads itself, from here; nothing frames it.
    [
      'content-security-policy',
      "default-src 'none'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ],
    ['cross-origin-resource-policy', 'same-origin'],
    ['referrer-policy', 'no-referrer'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ...(publicUrl.startsWith('https:')
      ? [['strict-transport-security', 'max-age=63072000; includeSubDomains'] satisfies [string, string]]
      : []),
  ]
}

/** One address has half of the room; this machine itself, where a proxy may stand, all of it. */
function holdRoom(server: Server | TlsServer, mostOfOne: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const who = networkOf(socket.remoteAddress)
    if (who === null) return
    const count = (open.get(who) ?? 0) + 1
    if (count > mostOfOne) return void socket.destroy()
    open.set(who, count)
    socket.once('close', () => {
      const left = (open.get(who) ?? 1) - 1
      if (left > 0) open.set(who, left)
      else open.delete(who)
    })
  })
}

/** The address that connections are counted by: IPv6 by its /64, as anybody has as many of it as they like. */
export function networkOf(address: string | undefined): string | null {
  if (!address || !ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  if (parsed.range() === 'loopback') return null
  return parsed.kind() === 'ipv6' ? parsed.toNormalizedString().split(':', 4).join(':') : parsed.toString()
}
