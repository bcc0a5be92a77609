// The load generator: a process of its own, and no HTTP library, so that its work takes little from what it measures.
// Gets {targets, connections} once, then {ms} for each slice; answers with the slice's durations.
import { connect, type Socket } from 'node:net'

export type Target = { url: string; cookie: string; method?: 'GET' | 'POST' }
export type Order = { targets: Target[]; connections: number } | { ms: number }
/** `turns` names the target of each duration by its place. */
export type Slice = { durationsMs: number[]; turns: number[]; elapsedMs: number; refused: number }

const CRLF = '\r\n'
const HEAD_END = Buffer.from(CRLF + CRLF)

let requests: Buffer[] = []
let sockets: Socket[] = []
let turn = 0

process.on('message', (order: Order) => {
  if ('targets' in order) {
    void open(order.targets, order.connections).then(() => process.send?.('ready'))
  } else void runSlice(order.ms).then((slice) => process.send?.(slice))
})

async function open(targets: Target[], connections: number): Promise<void> {
  requests = targets.map(({ url, cookie, method = 'POST' }) => {
    const { pathname, search, host } = new URL(url)
    const lines = [`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`]
    if (method === 'POST') lines.push('Content-Length: 0')
    return Buffer.from(lines.join(CRLF) + CRLF + CRLF)
  })
  const { port } = new URL(targets[0]?.url ?? '')
  const connecting = Array.from({ length: connections }, () =>
    connect(Number(port), '127.0.0.1').setNoDelay(),
  )
  sockets = await Promise.all(
    connecting.map(
      (socket) =>
        new Promise<Socket>((resolve, reject) => {
          socket.once('connect', () => resolve(socket)).once('error', reject)
        }),
    ),
  )
}

async function runSlice(ms: number): Promise<Slice> {
  const slice: Slice = { durationsMs: [], turns: [], elapsedMs: 0, refused: 0 }
  const began = performance.now()
  await Promise.all(
    sockets.map(async (socket) => {
      while (performance.now() - began < ms) {
        const sent = performance.now()
        const place = turn++ % requests.length
        const status = await exchange(socket, requests[place] as Buffer)
        slice.durationsMs.push(performance.now() - sent)
        slice.turns.push(place)
        if (status !== 200) slice.refused += 1
      }
    }),
  )
  slice.elapsedMs = performance.now() - began
  return slice
}

/** One request and its whole answer on a connection that stays open. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer: Buffer = Buffer.alloc(0)
    const end = (status: number) => {
      socket.off('data', read).off('close', broken)
      resolve(status)
    }
    const broken = () => reject(new Error('the portal closed the connection'))
    const read = (bytes: Buffer) => {
      answer = answer.length === 0 ? bytes : Buffer.concat([answer, bytes])
      const head = answer.indexOf(HEAD_END)
      if (head < 0) return
      const text = answer.toString('latin1', 0, head)
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
      if (length === undefined) return broken()
      if (answer.length >= head + HEAD_END.length + Number(length)) end(Number(text.slice(9, 12)))
    }
    socket.on('data', read).once('close', broken)
    socket.write(request)
  })
}
