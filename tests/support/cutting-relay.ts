import { connect, createServer, type Socket } from 'node:net'
import { listenOnFreePort } from './listen.ts'
import type { Random } from './random.ts'

/** A line that ends connections at random bytes of what is sent, until it has done so often enough. */
export type CuttingRelay = {
  port: number
  /** Connections ended so far. */
  cuts(): number
  /** Ends so many more. */
  cutMore(count: number): void
  /** Whether all that were to be ended have been. */
  done(): boolean
  stop(): Promise<void>
}

/** Of connections that are not ended at a byte, so many lose their answer instead. */
const ONE_IN_LOST_ANSWERS = 3

/**
 * Passes bytes on to `port`. Each connection is given a random byte, below `within`, at which both ends of it are
 * destroyed; some that get further are destroyed when the answer begins, so that the client does not see it.
 */
export async function startCuttingRelay(port: number, within: number, random: Random): Promise<CuttingRelay> {
  const open = new Set<Socket>()
  let cuts = 0
  let wanted = 0
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        end()
      })
    }
    const cut = () => {
      if (cuts >= wanted || near.destroyed) return false
      cuts += 1
      end()
      return true
    }
    let left = 1 + random.below(within)
    const loseAnswer = random.below(ONE_IN_LOST_ANSWERS) === 0
    near.on('data', (bytes) => {
      if (left > 0 && bytes.length >= left && cuts < wanted) {
        // What came before the cut arrives; a connection that breaks off loses what lies behind.
        far.write(bytes.subarray(0, left), cut)
        left = Number.POSITIVE_INFINITY
        return void near.pause()
      }
      left -= bytes.length
      if (!far.write(bytes)) {
        near.pause()
        far.once('drain', () => near.resume())
      }
    })
    far.on('data', (bytes) => {
      if (loseAnswer && cut()) return
      near.write(bytes)
    })
    near.on('end', () => far.end())
    far.on('end', () => near.end())
  })
  const listening = await listenOnFreePort(server)
  return {
    port: listening.port,
    cuts: () => cuts,
    cutMore(count) {
      wanted = cuts + count
    },
    done: () => cuts >= wanted,
    async stop() {
      const stopped = listening.stop()
      for (const socket of open) socket.destroy()
      await stopped
    },
  }
}
