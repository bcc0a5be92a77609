import { randomBytes } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { bareHeaders, unreadAnswer } from './bare-answers.ts'
import { type BodyRule, bodyRuleOf, hasBody, isTooLarge, slowBodyAnswer } from './body-rules.ts'
import { type Connection, type ConnectionBounds, createConnectionBook } from './connection-book.ts'
import { settleTarget } from './request-target.ts'

export type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>
/** Why a connection was ended from here. */
export type Ended = 'slow_body' | 'slow_reader' | 'crowded'

export type FrontDoorOptions = {
  handle: Handler
  bounds: ConnectionBounds
  /** An address as it is counted; null for a reverse proxy of ours, which speaks for many. */
  addressOf: (address: string) => string | null
  onEnded?: (why: Ended) => void
  /** Speaks TLS with these; plain HTTP without. */
  tls?: SecureContextOptions | undefined
  /**
   * Whether who asks for another protocol is handed to whoever listens for it: in development the pages' own. Else the request
   * is answered as any other: nothing here speaks another protocol, and a connection handed over is held by no timer.
   */
  upgrades?: boolean | undefined
  times?: Partial<typeof TIMES>
  ruleOf?: (url: string | undefined) => BodyRule
}

/** Milliseconds, and bytes a second. */
const TIMES = {
  /** From the first byte, or from the connection where none comes, to the end of a request's head. */
  headersMs: 8_000,
  handshakeMs: 8_000,
  keepAliveMs: 15_000,
  sweepMs: 1_000,
  /** What was sealed in a session's ticket can't be opened after so long, by whoever takes our memory either. */
  ticketKeysMs: 86_400_000,
  /** An answer's bytes may wait for their reader so long, and as much longer as they take at `readerRate`. */
  readerMs: 30_000,
  readerRate: 16 * 1024,
}

type Request = {
  req: IncomingMessage
  res: ServerResponse
  rule: BodyRule
  began: number
  bytesBefore: number
}
type Fault = { status: number; text: string }
type Watched = { request: Request | null; pending: { since: number; bytesBefore: number } | null }

/**
 * A listener that nobody can hold up: heads, bodies and readers that are too slow are ended, and no address can take all
 * places. Heads by Node's own timer; bodies by their route's rule; readers by what they take on average.
 * Sources: CWE-400, CWE-770; slowhttptest's three attacks.
 */
export function createFrontDoor(options: FrontDoorOptions): Server | TlsServer {
  const times = { ...TIMES, ...options.times }
  const ruleOf = options.ruleOf ?? bodyRuleOf
  const onEnded = options.onEnded ?? (() => undefined)
  const book = createConnectionBook(options.bounds, options.addressOf, () => onEnded('crowded'))
  const watched = new WeakMap<Connection, Watched>()
  const secure = options.tls !== undefined
  const refused = new WeakSet<Socket>()
  let sweptAt = performance.now()
  let stoodMs = 0
  /** Goes on only while this process does: what lies unread because we stood still is nobody else's delay. */
  const awakeMs = () => performance.now() - stoodMs

  const refuse = (socket: Socket, res: ServerResponse, { status, text }: Fault) => {
    refused.add(socket)
    res.writeHead(status, bareHeaders(secure)).end(text)
  }
  const answer: Handler = (req, res) => {
    // Where a faulty request ended nobody can tell: what seems to come behind it may be its body.
    if (refused.has(req.socket)) return
    const fault = faultOf(req)
    if (fault) return refuse(req.socket, res, fault)
    const connection = book.of(req.socket)
    if (connection) follow(connection, req, res)
    Promise.resolve(options.handle(req, res)).catch(() => {
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
  }
  const follow = (connection: Connection, req: IncomingMessage, res: ServerResponse) => {
    connection.socket = req.socket
    book.move(connection, 'busy')
    const state = watched.get(connection)
    if (!state) return
    const request: Request = {
      ...{ req, res, rule: ruleOf(req.url), began: awakeMs() },
      bytesBefore: req.socket.bytesRead,
    }
    state.request = request
    res.once('close', () => {
      // A body that was answered unread is still on its way: its connection is not idle before it is in.
      if (!hasBody(req) || req.complete) settle(connection, state, request)
      else req.once('close', () => settle(connection, state, request))
    })
  }
  const settle = (connection: Connection, state: Watched, request: Request) => {
    if (state.request !== request) return
    state.request = null
    book.move(connection, 'idle')
  }

  const server = serverOf(options, times)
  server.on('request', answer)
  // Who asks first is told before they send.
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    if (!faultOf(req) && !isTooLarge(req, ruleOf(req.url))) res.writeContinue()
    answer(req, res)
  })
  server.on('checkExpectation', ({ socket }: IncomingMessage, res: ServerResponse) => {
    refuse(socket, res, { status: 417, text: 'Nothing but 100-continue may be expected here.\n' })
  })
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    const connection = book.of(socket)
    const request = connection && watched.get(connection)?.request
    // Only what was read and is no request is answered: behind a handshake that never ended nothing would ever be sent.
    const isUnread = /^(HPE_|ERR_HTTP_)/.test(code ?? '')
    if (!isUnread || request?.res.headersSent) return void socket.destroy()
    if (socket.writableEnded) return
    if (refused.has(socket)) return void socket.destroySoon()
    // The end comes with it: over TLS a write takes its time, in which a route may answer the same request.
    socket.end(unreadAnswer(code, secure), () => socket.destroy())
  })
  server.on('connection', (socket: Socket) => {
    const connection = book.admit(socket)
    if (!connection) return void socket.destroy()
    watched.set(connection, { request: null, pending: null })
  })
  const sweep = setInterval(() => {
    const lateMs = performance.now() - sweptAt - times.sweepMs
    if (lateMs > times.sweepMs) stoodMs += lateMs
    sweptAt = performance.now()
    const now = awakeMs()
    for (const connection of book.all()) {
      const state = watched.get(connection)
      const why = state && whyToEnd(connection.socket, state, now, times)
      if (!why) continue
      onEnded(why)
      end(connection.socket, state.request, why, secure)
    }
  }, times.sweepMs)
  sweep.unref()
  server.once('close', () => clearInterval(sweep))
  return server
}

/** Why a request is refused ahead of every door; brings the target of any other into its one form. */
function faultOf(req: IncomingMessage): Fault | null {
  const { httpVersion, headers } = req
  // Node's parser lets 0.9 and 2.0 through.
  if (!/^1\.[01]$/.test(httpVersion)) return { status: 505, text: 'HTTP/1.1 is spoken here.\n' }
  // RFC 9112, 6.1: whoever passed this on may know no chunks, and end the request elsewhere.
  if (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined)
    return { status: 400, text: 'HTTP/1.0 has no Transfer-Encoding.\n' }
  // 3.2: HTTP/1.1 names its host.
  const isNamed = settleTarget(req) && (headers.host !== undefined || httpVersion === '1.0')
  return isNamed ? null : { status: 400, text: 'This names no address here.\n' }
}

function serverOf({ tls, upgrades = false }: FrontDoorOptions, times: typeof TIMES): Server | TlsServer {
  const http: ServerOptions = {
    headersTimeout: times.headersMs,
    // Uploads may last for hours; slow bodies are ended by their routes' own rates.
    requestTimeout: 0,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.sweepMs,
    maxHeaderSize: 16 * 1024,
    // Without one it is answered here, as protected as anything.
    requireHostHeader: false,
    shouldUpgradeCallback: () => upgrades,
  }
  if (!tls) return createServer(http)
  const server = createTlsServer({ ...http, ...tls, handshakeTimeout: times.handshakeMs })
  const rotate = setInterval(() => server.setTicketKeys(randomBytes(48)), times.ticketKeysMs).unref()
  return server.once('close', () => clearInterval(rotate))
}

function whyToEnd(socket: Socket, state: Watched, now: number, times: typeof TIMES): Ended | null {
  if (state.request && isBodySlow(socket, state.request, now)) return 'slow_body'
  return isReaderSlow(socket, state, now, times) ? 'slow_reader' : null
}

function isBodySlow(socket: Socket, { req, rule, began, bytesBefore }: Request, now: number): boolean {
  if (rule.ownGuard || req.complete || !hasBody(req)) return false
  const elapsed = now - began
  if (elapsed > rule.longestMs) return true
  // Bytes that lie here unread are not the sender's delay.
  if (elapsed < rule.graceMs || req.readableLength >= req.readableHighWaterMark) return false
  return socket.bytesRead - bytesBefore < (rule.minRate * elapsed) / 1000
}

function isReaderSlow(socket: Socket, state: Watched, now: number, times: typeof TIMES): boolean {
  const waiting = socket.writableLength
  if (waiting === 0) {
    state.pending = null
    return false
  }
  state.pending ??= { since: now, bytesBefore: socket.bytesWritten - waiting }
  const { since, bytesBefore } = state.pending
  const allowedMs = times.readerMs + ((socket.bytesWritten - bytesBefore) / times.readerRate) * 1000
  return now - since > allowedMs
}

function end(socket: Socket, request: Request | null, why: Ended, secure: boolean): void {
  if (why !== 'slow_body' || !request || request.res.headersSent || socket.writableLength > 0)
    return void socket.destroy()
  socket.end(slowBodyAnswer(secure), () => socket.destroy())
}
