import type { Queryable } from '#engine/platform/db.ts'
import { notify, type SessionConnection } from '#engine/platform/session-connection.ts'

export const STOP_INGEST_CHANNEL = 'engine_stop_ingest'

export type Turn = {
  signal: AbortSignal
  /** Why the signal aborted, or null. */
  reason(): 'deleted' | 'lost' | 'stopping' | null
  end(): Promise<void>
}

/** At most one attempt an asset, over all processes; and the means to stop it wherever it runs. */
export type RunningIngests = {
  /** Null while another attempt, or the asset's removal, has the turn. */
  begin(assetId: string): Promise<Turn | null>
  /** Ends all attempts of this process and gives no more turns, for a stop of the engine. */
  stopAll(): void
  stopping(): boolean
}

export function createRunningIngests(session: SessionConnection): RunningIngests {
  const running = new Map<string, (reason: 'deleted' | 'lost' | 'stopping') => void>()
  let stopping = false
  session.listen(STOP_INGEST_CHANNEL, (stopped) => {
    // An asset's name stops the work beside its ladder too, which is named `<asset id>.<work>`.
    for (const [name, abort] of running)
      if (name === stopped || name.startsWith(`${stopped}.`)) abort('deleted')
  })
  return {
    async begin(assetId) {
      if (stopping) return null
      const controller = new AbortController()
      let why: 'deleted' | 'lost' | 'stopping' | null = null
      const abort = (reason: 'deleted' | 'lost' | 'stopping') => {
        why ??= reason
        controller.abort(new Error(`the ingest ends: ${reason}`))
      }
      const key = `asset:${assetId}`
      if (!(await session.tryLock(key, () => abort('lost')))) return null
      running.set(assetId, abort)
      return {
        signal: controller.signal,
        reason: () => why,
        async end() {
          running.delete(assetId)
          await session.unlock(key)
        },
      }
    },
    stopping: () => stopping,
    stopAll() {
      stopping = true
      for (const abort of running.values()) abort('stopping')
    },
  }
}

/** Stops an asset's ingest in every process when the transaction commits. */
export async function tellIngestToStop(tx: Queryable, assetId: string): Promise<void> {
  await notify(tx, STOP_INGEST_CHANNEL, assetId)
}
