import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { listenOnFreePort } from './listen.ts'

export type Weather =
  /** Every request goes through. */
  | { kind: 'fair' }
  /** So many of all requests fail: refused, answered 500 or 503, or broken off in the middle of a body. */
  | { kind: 'rough'; rate: number }
  /** Connections end at once. */
  | { kind: 'down' }
  /** Requests are taken and never answered. */
  | { kind: 'hung' }

/** An HTTP line to a store that fails as networks and stores do. */
export type FaultyProxy = {
  origin: string
  set(weather: Weather): void
  /** Requests that were made to fail. */
  failed(): number
  /** Open connections to it. */
  connections(): Promise<number>
  stop(): Promise<void>
}

export async function startFaultyProxy(
  targetPort: number,
  random: () => number = Math.random,
): Promise<FaultyProxy> {
  let weather: Weather = { kind: 'fair' }
  let failed = 0
  const server = createServer((req, res) => {
    const fault = faultOf(weather, random)
    if (fault !== 'none') failed += 1
    if (fault === 'hang') return
    if (fault === 'drop') return void req.socket.destroy()
    if (fault === 'error') return answerError(req, res, random() < 0.5 ? 500 : 503)
    pass(req, res, targetPort, fault === 'cut' ? Math.floor(random() * 50_000) : null)
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    origin,
    set(next) {
      weather = next
      if (next.kind === 'down') server.closeAllConnections()
    },
    failed: () => failed,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    stop,
  }
}

type Fault = 'none' | 'hang' | 'drop' | 'error' | 'cut'

function faultOf(weather: Weather, random: () => number): Fault {
  if (weather.kind === 'fair') return 'none'
  if (weather.kind === 'down') return 'drop'
  if (weather.kind === 'hung') return 'hang'
  if (random() >= weather.rate) return 'none'
  return (['drop', 'error', 'cut'] as const)[Math.floor(random() * 3)] ?? 'drop'
}

function answerError(req: IncomingMessage, res: ServerResponse, status: number): void {
  req.resume()
  res.writeHead(status, { 'content-type': 'application/xml', connection: 'close' })
  res.end('<?xml version="1.0"?><Error><Code>InternalError</Code><Message>made to fail</Message></Error>')
}

/** Passes a request on; with `cutAfter`, the line breaks after so many bytes of the request's or the answer's body. */
function pass(req: IncomingMessage, res: ServerResponse, port: number, cutAfter: number | null): void {
  const { method, url, headers } = req
  const far = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false })
  const end = () => {
    far.destroy()
    res.destroy()
  }
  let bytes = 0
  const count = (piece: Buffer) => {
    bytes += piece.length
    if (cutAfter !== null && bytes > cutAfter) end()
  }
  req.on('data', count)
  req.on('error', end)
  req.on('close', () => {
    if (!req.complete) end()
  })
  req.pipe(far)
  far.on('error', () => res.destroy())
  far.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('data', count)
    answer.on('error', end)
    answer.pipe(res)
  })
  res.on('close', () => far.destroy())
}
