import { createServer, request } from 'node:http'
import { listenOnFreePort } from './listen.ts'
import type { Random } from './random.ts'

/** A reverse proxy that now and then answers for the server behind it: 502, 503 or 504, readable by browsers. */
export type RefusingProxy = { port: number; refusals(): number; stop(): Promise<void> }

const MOST_IN_A_ROW = 3

export async function startRefusingProxy(port: number, random: Random): Promise<RefusingProxy> {
  let refusals = 0
  const inARow = new Map<string, number>()
  const server = createServer((req, res) => {
    const chunk = `${req.url} ${req.headers['content-range']}`
    const before = inARow.get(chunk) ?? 0
    if (req.method === 'PUT' && before < MOST_IN_A_ROW && random.below(2) === 0) {
      refusals += 1
      inARow.set(chunk, before + 1)
      req.resume().once('end', () => {
        res
          .writeHead(random.pick([502, 503, 504]), {
            'access-control-allow-origin': '*',
            'content-length': 0,
          })
          .end()
      })
      return
    }
    const { method, headers, url: path } = req
    const onward = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    onward.once('error', () => res.destroy())
    req.pipe(onward)
  })
  const listening = await listenOnFreePort(server)
  return { port: listening.port, refusals: () => refusals, stop: listening.stop }
}
