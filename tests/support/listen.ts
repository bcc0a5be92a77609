import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

export type Listening = { origin: string; port: number; stop(): Promise<void> }

/** Starts a server on a free port of the loopback address; `stop` also ends connections that hang. */
export async function listenOnFreePort(server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections()
      }),
  }
}
