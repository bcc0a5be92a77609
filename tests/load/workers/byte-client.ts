import { fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ByteOrder, ByteSlice } from './byte-loop.ts'

const LOOP = fileURLToPath(new URL('./byte-loop.ts', import.meta.url))
const SETTLE_MS = 500

/** A client process that fetches bytes as cheaply as Node allows. */
export type ByteClient = {
  run(order: ByteOrder): Promise<ByteSlice>
  /** Milliseconds of one request. */
  once(port: number, path: string): Promise<number>
  /** Waits until servers have seen that its connections are closed. */
  idle(): Promise<void>
  stop(): void
}

export function startByteClient(): ByteClient {
  const child = fork(LOOP, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let fail = (_: Error) => {}
  child.once('exit', (code) => fail(new Error(`the client ended with ${code}`)))
  const run = (order: ByteOrder) =>
    new Promise<ByteSlice>((resolve, reject) => {
      fail = reject
      child.once('message', (slice: ByteSlice) => resolve(slice))
      child.send(order)
    })
  return {
    run,
    async once(port, path) {
      const { durationsMs, refused } = await run({ port, path, connections: 1, ms: 0 })
      if (refused > 0) throw new Error('a request was refused')
      return durationsMs[0]!
    },
    idle: () => delay(SETTLE_MS),
    stop: () => void child.kill(),
  }
}
