import { connect, createServer, type Socket } from 'node:net'
import { listenOnFreePort } from './listen.ts'

/** A line between browsers and a portal that can be slow, be cut, and come back. */
export type Relay = {
  /** What browsers use: http://localhost:PORT. */
  origin: string
  /** Where the line leads; until then, and while it is cut, connections end at once. */
  leadTo(port: number): void
  /** Bytes a second of each connection towards the portal; null for as fast as it goes. */
  slowDown(bytesPerSecond: number | null): void
  /** Ends every connection, and lets none through until `mend`. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}

export async function startRelay(): Promise<Relay> {
  const open = new Set<Socket>()
  let port: number | null = null
  let isCut = false
  let rate: number | null = null

  const server = createServer((near) => {
    if (isCut || port === null) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    far.pipe(near)
    near.on('data', (bytes) => {
      const full = !far.write(bytes)
      if (full) far.once('drain', () => near.resume())
      if (full || rate !== null) near.pause()
      if (!full && rate !== null) setTimeout(() => near.resume(), (bytes.length / rate) * 1000)
    })
    near.on('end', () => far.end())
  })
  const listening = await listenOnFreePort(server)
  return {
    origin: `http://localhost:${listening.port}`,
    leadTo: (to) => {
      port = to
    },
    slowDown: (bytesPerSecond) => {
      rate = bytesPerSecond
    },
    cut() {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    mend: () => {
      isCut = false
    },
    async stop() {
      const stopped = listening.stop()
      for (const socket of open) socket.destroy()
      await stopped
    },
  }
}
