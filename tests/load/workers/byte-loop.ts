// Fetches one URL again and again over raw keep-alive connections and throws the bytes away: a client as cheap
// as Node allows, so that it bounds neither server. A process of its own, driven by messages.
import { connect } from 'node:net'

export type ByteOrder = { port: number; path: string; connections: number; ms: number }
export type ByteSlice = { durationsMs: number[]; elapsedMs: number; bytes: number; refused: number }

const END_OF_HEAD = Buffer.from('\r\n\r\n')

process.on('message', (order: ByteOrder) => {
  void runSlice(order).then((slice) => process.send?.(slice))
})

async function runSlice(order: ByteOrder): Promise<ByteSlice> {
  const slice: ByteSlice = { durationsMs: [], elapsedMs: 0, bytes: 0, refused: 0 }
  const began = performance.now()
  await Promise.all(
    Array.from({ length: order.connections }, () => keepFetching(order, slice, began + order.ms)),
  )
  slice.elapsedMs = performance.now() - began
  return slice
}

function keepFetching(order: ByteOrder, slice: ByteSlice, until: number): Promise<void> {
  const request = `GET ${order.path} HTTP/1.1\r\nHost: localhost:${order.port}\r\n\r\n`
  return new Promise((resolve, reject) => {
    let sent = 0
    let missing = -1
    let first = true
    const next = () => {
      // At least one request, so that a slice of no time times exactly one.
      if (!first && performance.now() >= until) return void socket.destroy()
      first = false
      sent = performance.now()
      missing = -1
      socket.write(request)
    }
    const take = (length: number, buffer: Uint8Array) => {
      let body = length
      if (missing < 0) {
        const head = Buffer.from(buffer.buffer, buffer.byteOffset, length)
        const end = head.indexOf(END_OF_HEAD)
        if (end < 0) throw new Error('an answer whose head came in pieces')
        const text = head.toString('latin1', 0, end)
        if (!/^HTTP\/1\.1 200/.test(text)) slice.refused += 1
        missing = Number(/^content-length: (\d+)/im.exec(text)?.[1])
        body = length - end - 4
      }
      missing -= body
      slice.bytes += body
      if (missing > 0) return true
      slice.durationsMs.push(performance.now() - sent)
      next()
      return true
    }
    // One buffer for all reads of a connection: no garbage.
    const socket = connect({
      port: order.port,
      host: '127.0.0.1',
      onread: { buffer: Buffer.alloc(256 * 1024), callback: take },
    })
    socket.once('connect', next)
    socket.once('error', reject)
    socket.once('close', () => resolve())
  })
}
