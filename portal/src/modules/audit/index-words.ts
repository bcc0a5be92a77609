import type { Pool } from 'pg'
import type { Log } from '#portal/platform/log.ts'

const AT_ONCE = 1000
const PAUSE_MS = 500

export type WordIndexer = ReturnType<typeof createWordIndexer>

/** The next events in their order get their words; gives how many. Two at once do the same work once. */
export async function indexWords(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into audit_search (index, words)
      select l.index, audit_words(audit_fields(coalesce(e.entry, audit_warm_entry(l.index), '{}')))
      from (select index, xid, seq from audit_leaves
        where index > (select coalesce(max(index), -1) from audit_search) order by index limit $1) l
        left join audit_events e on e.xid = l.xid and e.seq = l.seq
      on conflict do nothing`,
    [limit],
  )
  return rowCount ?? 0
}

/** Keeps the words of events behind the tree; until they are there a search looks through the events themselves. */
export function createWordIndexer({ pool, log }: { pool: Pool; log: Pick<Log, 'warn'> }) {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let isStopped = true

  async function look(): Promise<void> {
    while (!isStopped && (await indexWords(pool, AT_ONCE)) === AT_ONCE) await pause()
  }

  // Changes go first: a backlog is worked off with a breath between two batches.
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50))

  function schedule(): void {
    if (isStopped) return
    timer = setTimeout(() => {
      running = look()
        .catch((err) => log.warn({ err }, 'words of the audit log could not be kept; it will try again'))
        .finally(schedule)
    }, PAUSE_MS)
    timer.unref()
  }

  return {
    start(): void {
      if (!isStopped) return
      isStopped = false
      schedule()
    },
    /** Ends after the batch under way. */
    async stop(): Promise<void> {
      isStopped = true
      if (timer) clearTimeout(timer)
      await running
    },
  }
}
