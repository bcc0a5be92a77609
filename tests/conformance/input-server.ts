import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOnFreePort } from '../support/listen.ts'

export type InputFile = {
  body: Buffer
  /** Ends each connection after so many bytes. */
  breakAfter?: number
  /** Answers the first requests with these statuses. */
  failFirst?: number[]
  /** Answers with a redirect instead. */
  redirect?: string
}

/** A server of somebody else's, whose files assets are made of. */
export type InputServer = {
  origin: string
  /** Serves a file from now on; returns its URL. */
  serve(path: string, file: InputFile): string
  /** Requests so far for a path, with their Range header. */
  requests(path: string): { range: string | null; authorization: string | null }[]
  stop(): Promise<void>
}

export async function startInputServer(): Promise<InputServer> {
  const files = new Map<string, InputFile & { failures: number[] }>()
  const log: { path: string; range: string | null; authorization: string | null }[] = []
  const server = createServer((req, res) => {
    const path = (req.url ?? '').split('?', 1)[0]!
    const { range = null, authorization = null } = req.headers
    log.push({ path, range, authorization })
    const file = files.get(path)
    const failure = file?.failures.shift()
    if (!file || failure) res.writeHead(failure ?? 404).end()
    else if (file.redirect) res.writeHead(302, { location: file.redirect }).end()
    else send(req, res, file)
  })
  const { origin, stop } = await listenOnFreePort(server)
  return {
    origin,
    serve(path, file) {
      files.set(path, { ...file, failures: [...(file.failFirst ?? [])] })
      return origin + path
    },
    requests: (path) => log.filter((each) => each.path === path),
    stop,
  }
}

function send(req: IncomingMessage, res: ServerResponse, { body, breakAfter }: InputFile): void {
  const start = Number(/^bytes=(\d+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0)
  const rest = body.subarray(start)
  res.writeHead(start > 0 ? 206 : 200, {
    etag: '"unchanged"',
    'content-length': rest.length,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
  })
  if (breakAfter === undefined || rest.length <= breakAfter) res.end(rest)
  else res.write(rest.subarray(0, breakAfter), () => setImmediate(() => res.destroy()))
}
