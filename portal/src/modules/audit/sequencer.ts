import type { Pool, PoolClient } from 'pg'
import type { Log } from '#portal/platform/log.ts'
import { repeat } from '#portal/platform/repeat.ts'
import { confirmedAt, keepCosignature } from './cosigned.ts'
import type { HeadSigner } from './head-signer.ts'
import { integrateBatch, lead } from './integrate.ts'
import type { KeyRing } from './key-ring.ts'
import { isPending } from './pending.ts'
import { inTransaction } from './sql-runner.ts'
import { readCheckpoint, readHead, type StoredCheckpoint, writeCheckpoint } from './tree-store.ts'

export type SequencerOptions = {
  pool: Pool
  headSigner: HeadSigner
  keys: KeyRing
  clock: () => Date
  log: Pick<Log, 'warn' | 'error'>
  /** How often to look for committed events. */
  intervalMs?: number
  /** How long the tree may grow before its head is signed again. */
  checkpointEveryMs?: number
  /** How long a head may stand before the log says again that it is the newest. */
  confirmEveryMs?: number
  /** Events in one transaction at most. */
  batchLimit?: number
}

export type SequencerStatus = {
  size: number
  /** Events recorded, but not in the tree yet. */
  pending: number
  /** Age of the oldest of them; 0 where there is none. */
  lagMs: number
  checkpointSize: number
  checkpointAgeMs: number | null
  /** Since the log last said that this head is its newest. */
  headAgeMs: number | null
  /** Why the head is no longer signed; null while all is well. */
  refused: string | null
  /** Whether this one was started. */
  isRunning: boolean
}

export type Sequencer = ReturnType<typeof createSequencer>

/** Time within which a committed event has to be in the tree. */
const LAG_BAR_MS = 1000

/**
 * Integrates committed events into the tree and signs its head. Any number of these may run, in any number of
 * processes: leadership lasts one transaction, and a killed leader leaves whole batches only.
 */
export function createSequencer(options: SequencerOptions) {
  const { pool, headSigner, keys, clock, log } = options
  const {
    intervalMs = 200,
    checkpointEveryMs = 10_000,
    confirmEveryMs = 30_000,
    batchLimit = 20_000,
  } = options
  let refused: string | null = null
  let isBehind = false

  /** One batch, and the head's signature where it is due; null where another process leads. */
  async function step(mode: 'wait' | 'try', sign: 'due' | 'now') {
    const done = await inTransaction(pool, async (client) => {
      if (!(await lead(client, mode))) return null
      const batch = await integrateBatch(client, batchLimit)
      const latest = await readCheckpoint(client)
      await keys.refresh()
      await keys.settle(clock(), latest?.size ?? 0)
      if (batch.hasMore || !isDue(latest, batch.size, sign))
        return { batch, latest, signed: await confirmHead(client, latest, batch.size) }
      const signed = await headSigner.sign(client, batch.size, clock())
      if (!('refused' in signed)) {
        await writeCheckpoint(client, signed)
        await confirmHead(client, signed, batch.size)
      }
      return { batch, latest, signed }
    })
    if (done?.signed) await conclude(done.signed)
    return done
  }

  /** Says of a head that has stood for a while that it is still the newest; null where nothing speaks against it. */
  async function confirmHead(client: PoolClient, latest: StoredCheckpoint | null, size: number) {
    if (latest?.size !== size || !(await isStale(client, latest))) return null
    const confirmed = await headSigner.confirm(client, latest, clock())
    if ('refused' in confirmed) return confirmed
    await keepCosignature(client, size, confirmed)
    return null
  }

  async function isStale(runner: Pool | PoolClient, { size }: StoredCheckpoint): Promise<boolean> {
    const at = await confirmedAt(runner, headSigner.origin, size)
    return at === null || clock().getTime() - at.getTime() >= confirmEveryMs
  }

  async function headAge({ size, signedAt }: StoredCheckpoint): Promise<number> {
    return clock().getTime() - ((await confirmedAt(pool, headSigner.origin, size)) ?? signedAt).getTime()
  }

  async function conclude(signed: StoredCheckpoint | { refused: string }): Promise<void> {
    if ('refused' in signed) {
      if (refused !== signed.refused)
        log.error({ reason: signed.refused }, 'the audit log is no longer signed')
      refused = signed.refused
    } else {
      refused = null
      await headSigner.remember(signed)
    }
  }

  function isDue(latest: StoredCheckpoint | null, size: number, sign: 'due' | 'now'): boolean {
    if (latest ? size === latest.size : size === 0 && sign === 'due') return false
    return sign === 'now' || !latest || clock().getTime() - latest.signedAt.getTime() >= checkpointEveryMs
  }

  /** All that was committed before the call is in the tree when it returns. */
  async function drain(sign: 'due' | 'now') {
    for (;;) {
      const done = await step('wait', sign)
      if (done && !done.batch.hasMore) return done
    }
  }

  async function look() {
    const head = await readHead(pool)
    const latest = await readCheckpoint(pool)
    const { rows } = await pool.query<{ oldest: string | Date }>(
      `select audit_instant(audit_fields(e.entry) ->> 'time') as oldest
        from audit_events e where ${isPending(head.horizon)} order by e.seq limit 1`,
    )
    const oldest = rows[0] && new Date(rows[0].oldest).getTime()
    return { head, latest, lagMs: oldest === undefined ? null : Math.max(0, clock().getTime() - oldest) }
  }

  async function tick(): Promise<void> {
    const { head, latest, lagMs } = await look()
    if (lagMs === null || lagMs <= LAG_BAR_MS) isBehind = false
    else if (!isBehind) {
      isBehind = true
      log.warn({ lagMs }, 'the audit tree is behind')
    }
    const isWaiting = lagMs !== null || isDue(latest, head.size, 'due')
    if (isWaiting || (latest?.size === head.size && (await isStale(pool, latest)))) await step('try', 'due')
  }

  const turns = repeat(intervalMs, tick, (error) =>
    log.error({ err: error }, 'the audit log could not integrate; it will try again'),
  )

  return {
    start: turns.start,

    /** Ends after the batch that is being integrated. */
    stop: turns.stop,

    async drain(): Promise<void> {
      await drain('due')
    },

    /**
     * A signed head over everything that was committed before the call.
     * @throws Error where the stored tree contradicts what was signed before
     */
    async checkpoint(): Promise<StoredCheckpoint> {
      const { signed, latest } = await drain('now')
      if (signed && 'refused' in signed) throw new Error(signed.refused)
      return (signed ?? latest)!
    },

    async status(): Promise<SequencerStatus> {
      const { head, latest, lagMs } = await look()
      const { rows } = await pool.query(
        `select count(*) from audit_events e where ${isPending(head.horizon)}`,
      )
      return {
        size: head.size,
        pending: Number(rows[0].count),
        lagMs: lagMs ?? 0,
        checkpointSize: latest?.size ?? 0,
        checkpointAgeMs: latest && clock().getTime() - latest.signedAt.getTime(),
        headAgeMs: latest && (await headAge(latest)),
        refused,
        isRunning: turns.isRunning(),
      }
    },
  }
}
