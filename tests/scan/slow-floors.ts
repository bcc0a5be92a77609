import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url))

/** A server of Node's own that answers a page of so many bytes at `/`, in a process of its own. */
export async function startBareServer(pageBytes: number): Promise<{ origin: string; stop(): void }> {
  const child = fork(BARE, [`${pageBytes}`], { stdio: 'inherit' })
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  const [origin] = (await once(child, 'message')) as [string]
  return {
    origin,
    stop() {
      process.off('exit', atExit)
      child.kill('SIGKILL')
    },
  }
}

type Crowd = { connections: number; perSecond: number; requestsEach: number; seconds: number }

/**
 * Asks for a page as slowhttptest's slow readers do, as often and as many at once on each connection, but takes every answer
 * at once: what is dear about them beside being slow.
 */
export async function readPromptly(url: string, crowd: Crowd): Promise<void> {
  const { hostname, port, pathname, host } = new URL(url)
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`.repeat(crowd.requestsEach)
  const sockets: Socket[] = []
  const end = performance.now() + crowd.seconds * 1000
  for (let opened = 0; performance.now() < end; ) {
    for (let n = 0; n < crowd.perSecond / 10 && opened < crowd.connections; n += 1, opened += 1) {
      const socket = connect(Number(port || 80), hostname, () => socket.write(request))
      sockets.push(socket.on('error', () => undefined).resume())
    }
    await delay(100)
  }
  for (const socket of sockets) socket.destroy()
}
