// The load generator: a process of its own, so that its work is not counted as the server's event loop's.
// Gets {targets, connections} once, then {ms} for each slice; answers with the slice's durations.
import { Agent, request } from 'node:http'

export type Target = { url: string; cookie: string }
export type Order = { targets: Target[]; connections: number } | { ms: number }
export type Slice = { durationsMs: number[]; elapsedMs: number; refused: number; newest: string }

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
let targets: Target[] = []
let connections = 1
let turn = 0

process.on('message', (order: Order) => {
  if ('targets' in order) {
    targets = order.targets
    connections = order.connections
    process.send?.('ready')
  } else void runSlice(order.ms).then((slice) => process.send?.(slice))
})

async function runSlice(ms: number): Promise<Slice> {
  const slice: Slice = { durationsMs: [], elapsedMs: 0, refused: 0, newest: '' }
  const began = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - began < ms) {
        const target = targets[turn++ % targets.length] as Target
        const sent = performance.now()
        const { status, body } = await post(target)
        slice.durationsMs.push(performance.now() - sent)
        if (status === 200) slice.newest = body
        else slice.refused += 1
      }
    }),
  )
  slice.elapsedMs = performance.now() - began
  return slice
}

function post({ url, cookie }: Target): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { cookie, 'content-length': 0 } },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8')
        answer.on('data', (text) => {
          body += text
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
