import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { newId } from '#engine/platform/ids.ts'
import { notify, type SessionConnection } from '#engine/platform/session-connection.ts'

const CHANNEL = 'engine_upload_writer'
const WAIT_MS = 8_000
const POLL_MS = 50

/** One writer an upload, over all processes; the newest wins, because an older one is usually a dead connection. */
export type WriterLocks = {
  /**
   * Aborts whoever writes this upload now, waits until it has let go, and takes the lock.
   * `abort` is called once if this writer must stop in turn. Null where the lock was not free within 8 s,
   * or this process has as many writers as it may.
   */
  acquire(uploadId: string, abort: () => void): Promise<(() => Promise<void>) | null>
  /** Stops the writer of an upload wherever it runs; used by cancel and by clean-up. */
  interrupt(uploadId: string): Promise<void>
  /** Ends every stream of this process and refuses new ones; what has arrived is kept. */
  stop(): Promise<void>
}

type Holder = { abort: () => void; gone: Promise<void> }

export function createWriterLocks(session: SessionConnection, pool: pg.Pool, maxWriters = 256): WriterLocks {
  const process = newId(12)
  const holders = new Map<string, Holder>()
  let stopped = false
  session.listen(CHANNEL, (payload) => {
    const [uploadId, from] = payload.split(' ')
    if (uploadId && from !== process) holders.get(uploadId)?.abort()
  })

  async function takeFromOtherProcess(key: string, uploadId: string, abort: () => void, deadline: number) {
    if (await session.tryLock(key, abort)) return true
    await notify(pool, CHANNEL, `${uploadId} ${process}`)
    while (Date.now() < deadline) {
      await delay(POLL_MS)
      if (await session.tryLock(key, abort)) return true
    }
    return false
  }

  return {
    async acquire(uploadId, abort) {
      const deadline = Date.now() + WAIT_MS
      for (let holder = holders.get(uploadId); holder; holder = holders.get(uploadId)) {
        holder.abort()
        const left = Math.max(0, deadline - Date.now())
        const gone = await Promise.race([holder.gone.then(() => true), delay(left, false, { ref: false })])
        if (!gone) return null
      }
      if (stopped || holders.size >= maxWriters) return null
      let release: () => void = () => undefined
      const gone = new Promise<void>((resolve) => {
        release = resolve
      })
      holders.set(uploadId, { abort, gone })
      const letGo = () => {
        holders.delete(uploadId)
        release()
      }
      const key = `upload:${uploadId}`
      try {
        if (await takeFromOtherProcess(key, uploadId, abort, deadline)) {
          return async () => {
            await session.unlock(key)
            letGo()
          }
        }
      } catch (error) {
        letGo()
        throw error
      }
      letGo()
      return null
    },
    async interrupt(uploadId) {
      holders.get(uploadId)?.abort()
      await notify(pool, CHANNEL, `${uploadId} ${process}`)
    },
    async stop() {
      stopped = true
      const all = [...holders.values()]
      for (const holder of all) holder.abort()
      await Promise.race([
        Promise.all(all.map((holder) => holder.gone)),
        delay(WAIT_MS, undefined, { ref: false }),
      ])
    },
  }
}
