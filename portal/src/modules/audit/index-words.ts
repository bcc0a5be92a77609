import type { Pool } from 'pg'
import type { Log } from '#portal/platform/log.ts'
import { repeat } from '#portal/platform/repeat.ts'

const AT_ONCE = 1000
const PAUSE_MS = 500

export type WordIndexer = ReturnType<typeof createWordIndexer>

/** The next events in their order get their words; gives how many. Two at once do the same work once. */
export async function indexWords(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ added: number }>(
    `with next as materialized (
      select index, xid, seq, time from audit_leaves
        where index > (select coalesce(max(index), -1) from audit_search) order by index limit $1
    ), added as (
      insert into audit_search (index, words)
        select l.index, audit_words(audit_fields(coalesce(e.entry, audit_warm_entry(l.index), '{}')))
        from next l left join audit_events e on e.xid = l.xid and e.seq = l.seq
        on conflict do nothing returning index
    ), placed as (
      insert into audit_search_stretches as s (n, oldest, newest)
        select audit_stretch(index), min(time), max(time) from next group by 1
        on conflict (n) do update
          set oldest = least(s.oldest, excluded.oldest), newest = greatest(s.newest, excluded.newest)
    )
    select count(*)::int as added from added`,
    [limit],
  )
  return rows[0]?.added ?? 0
}

/** Keeps the words of events behind the tree; until they are there a search looks through the events themselves. */
export function createWordIndexer({ pool, log }: { pool: Pool; log: Pick<Log, 'warn'> }) {
  // Changes go first: a backlog is worked off with a breath between two batches.
  const breath = () => new Promise((resolve) => setTimeout(resolve, 50))

  const turns = repeat(
    PAUSE_MS,
    async () => {
      while (turns.isRunning() && (await indexWords(pool, AT_ONCE)) === AT_ONCE) await breath()
    },
    (err) => log.warn({ err }, 'words of the audit log could not be kept; it will try again'),
  )
  return { start: turns.start, stop: turns.stop }
}
