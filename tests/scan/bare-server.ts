// Runs as a child of `scan slow`: Node's own HTTP server with nothing behind it, which is what a portal is compared with.
import { createServer } from 'node:http'
import { listenOnFreePort } from '../support/listen.ts'

const size = Number(process.argv[2] ?? 16_384)
const page = Buffer.alloc(size, 'a')
const server = createServer((req, res) => {
  req.resume()
  if (req.method === 'POST') req.once('end', () => res.end('{}'))
  else res.end(req.url === '/' ? page : '{"status":"live"}')
})
const { origin } = await listenOnFreePort(server)
process.send?.(origin)
