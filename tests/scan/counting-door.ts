import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { TestCertificate } from '../support/certificate.ts'
import { listenOnFreePort } from '../support/listen.ts'

/** A proxy that ends TLS in front of a portal, and remembers what was answered through it. */
export type CountingDoor = {
  /** https://localhost:PORT */
  url: string
  /** The plain origin behind it; 503 until then. */
  leadTo(origin: string): void
  /** "GET /path?query" → the first status that it was answered with. */
  first: ReadonlyMap<string, number>
  /** Status → how many answers; 0 where none came. */
  counts: ReadonlyMap<number, number>
  stop(): Promise<void>
}

/** What answers ahead of the portal; false where it leaves a request alone. */
export type Planted = (req: IncomingMessage, res: ServerResponse) => boolean

export async function startCountingDoor(
  { cert, key }: TestCertificate,
  {
    planted = () => false,
    leavesOut = () => false,
  }: {
    planted?: Planted
    /** Paths that are not there: who asks is cut off, and nothing is counted. */
    leavesOut?: (path: string) => boolean
  } = {},
): Promise<CountingDoor> {
  const first = new Map<string, number>()
  const counts = new Map<number, number>()
  let behind: URL | null = null

  const server = createServer({ cert, key }, (req, res) => {
    if (leavesOut(req.url ?? '')) return void req.socket.destroy()
    res.once('close', () => {
      const status = res.headersSent ? res.statusCode : 0
      counts.set(status, (counts.get(status) ?? 0) + 1)
      const name = `${req.method} ${req.url}`
      if (!first.has(name)) first.set(name, status)
    })
    if (planted(req, res)) return
    if (!behind) return void res.writeHead(503).end()
    pass(behind, req, res)
  })
  const { port, stop } = await listenOnFreePort(server)
  return {
    url: `https://localhost:${port}`,
    leadTo: (origin) => {
      behind = new URL(origin)
    },
    first,
    counts,
    stop,
  }
}

/** As it came, with Host, and with the address that a reverse proxy adds. */
function pass(behind: URL, req: IncomingMessage, res: ServerResponse): void {
  const forwarded = request(
    {
      ...{ host: behind.hostname, port: behind.port, method: req.method, path: req.url },
      headers: { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress ?? '' },
    },
    (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
      answer.pipe(res)
      answer.once('error', () => res.destroy())
    },
  )
  forwarded.once('error', () => res.destroy())
  res.once('close', () => forwarded.destroy())
  req.pipe(forwarded)
}
