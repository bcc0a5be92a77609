import type pg from 'pg'
import { moveWarm, nextCold } from '../../portal/src/modules/audit/archive/move-warm.ts'
import { canonicalJson } from '../../portal/src/modules/audit/canonical-json.ts'
import type { AuditLog } from '../../portal/src/modules/audit/compose-audit.ts'
import { encodeEvent } from '../../portal/src/modules/audit/event.ts'
import { eventFrom } from '../../portal/src/modules/audit/event-from.ts'
import { indexWords } from '../../portal/src/modules/audit/index-words.ts'
import { hashLeaf } from '../../portal/src/modules/audit/merkle.ts'
import type { Json } from '../../portal/src/platform/audit-sink.ts'
import { newId } from '../../portal/src/platform/ids.ts'
import { shareEvent } from '../support/audit-log.ts'

const AT_ONCE = 20_000
/** Events whose words are not kept yet, as many as come between two looks at 200 a second: a search looks through them. */
const UNWORDED = 100
const DAY_MS = 86_400_000
/** Forty days of a busy installation, so that the oldest ranges are warm. */
export const DAYS = 40

/** How often each action comes, of a thousand; the last ones are what somebody searches for. */
const ACTIONS: readonly [string, number][] = [
  ['playback.issue', 700],
  ['share.open', 150],
  ['share.create', 100],
  ['share.revoke', 30],
  ['video.rename', 15],
  ['identity.invite', 5],
]

/** Every event's place in the year decides it, so that each run fills the same. */
export function eventAt(n: number, of: number, now: Date) {
  const mark = (n * 7919) % 1000
  let before = 0
  const found = ACTIONS.find(([, often]) => {
    before += often
    return mark < before
  })
  const isRefused = n % 211 === 0
  return shareEvent({
    // Once in a quarter of a million, and long ago.
    action: n % 250_000 === 100 ? 'emergency.grant' : (found?.[0] ?? 'playback.issue'),
    actor: {
      kind: 'user',
      id: `usr_${(n * 31) % 5000}`,
      role: 'agency',
      groups: [],
      organisationId: 'org_1',
    },
    target: { type: 'share', id: `shr_${(n * 17) % 40_000}` },
    outcome: isRefused ? 'refused' : 'allowed',
    reason: isRefused ? 'expired' : null,
    requestId: `req_${n}`,
    time: new Date(now.getTime() - DAYS * DAY_MS + Math.floor((n / of) * DAYS * DAY_MS)),
    details: { ttl_seconds: 300, n },
  })
}

/**
 * Fills the log with so many events: inserted in bulk, integrated by the sequencer itself, its tree signed, the oldest
 * `warmRanges` ranges moved to the warm tier. Answers IDs of events throughout.
 */
export async function fillAudit(
  pool: pg.Pool,
  audit: AuditLog,
  events: number,
  warmRanges: number,
): Promise<string[]> {
  const now = new Date()
  const ids: string[] = []
  // Rows first, indexes after them.
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
    where i.indrelid = 'audit_leaves'::regclass and not i.indisunique`,
  )
  for (const { name } of indexes) await pool.query(`drop index ${name}`)
  for (let start = 0; start < events; start += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, events - start) }, (_, at) => {
      const event = eventFrom(newId('evt'), eventAt(start + at, events, now))
      if (at % 250 === 0) ids.push(event.id)
      // The first of each batch is held against the schema; the others differ from it in their values alone.
      return at === 0 ? encodeEvent(event) : canonicalJson(event as unknown as Json)
    })
    await pool.query(
      'insert into audit_events (entry, leaf_hash) select * from unnest($1::text[], $2::bytea[])',
      [entries, entries.map((entry) => hashLeaf(entry))],
    )
    await audit.sequencer.drain()
  }
  for (const { definition } of indexes) await pool.query(definition)
  await audit.sequencer.checkpoint()
  for (let moved = 0; moved < warmRanges; moved += 1) {
    const n = await nextCold(pool, new Date(now.getTime() - 30 * DAY_MS))
    if (n === null) throw new Error(`only ${moved} ranges are old enough to be warm`)
    await moveWarm(pool, n, now)
  }
  // As the indexer behind the log does; the newest wait, as on a busy day.
  const { rows } = await pool.query<{ leaves: string }>('select count(*) as leaves from audit_leaves')
  for (let left = Number(rows[0]?.leaves) - UNWORDED; left > 0; left -= AT_ONCE)
    await indexWords(pool, Math.min(left, AT_ONCE))
  await pool.query('vacuum (analyze) audit_events, audit_leaves, audit_ranges, audit_tiles, audit_search')
  return ids
}
