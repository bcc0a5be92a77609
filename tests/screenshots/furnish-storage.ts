import type { PortalClient } from '../support/portal-client.ts'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { until } from '../support/until.ts'

type Snapshots = { items: { id: string; status: string }[] }

/** A log measured for four months, a snapshot that is sealed, one under way, and one that was too large. */
export async function furnishStorage(stack: Stack, admin: PortalClient): Promise<void> {
  await onDatabase(stack, async (db) => {
    await db.query(
      `insert into audit_sizes (day, measured_at, events, hot_bytes, warm_bytes, index_bytes, tree_bytes, archive_bytes)
       select current_date - i, now(), 1200000 - i * 2000, 380e6 + (i * 37 % 11) * 1e6, 190e6 - i * 2e5,
         260e6 - i * 4e5, 52e6 - i * 1e5, 150e6 - i * 3e5 from generate_series(0, 120) as i`,
    )
    await db.query(
      `insert into audit_snapshots (id, incident, reason, from_time, to_time, status, entries_done, entries_total, failure, created_by, created_at)
       values ('snp_1111111111111111111111', 'INC-2026-009', 'A laptop was stolen from the cutting room.',
           now() - interval '40 days', now() - interval '2 days', 'failed', 0, null,
           'A snapshot holds at most 50,000 entries: choose a shorter time.', 'usr_furnished', now() - interval '2 days'),
         ('snp_2222222222222222222222', 'INC-2026-015', 'A viewer tried a hundred passwords within a minute.',
           now() - interval '6 hours', now() - interval '1 hour', 'working', 7500, 18204, null, 'usr_furnished', now())`,
    )
  })
  const { id } = await admin.call<{ id: string }>('POST', '/api/admin/audit/snapshots', {
    incident: 'INC-2026-014',
    reason: 'A link was found in a forum.',
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date().toISOString(),
  })
  await until('a snapshot is sealed', async () => {
    const { items } = await admin.call<Snapshots>('GET', '/api/admin/audit/snapshots')
    return items.some((item) => item.id === id && item.status === 'ready')
  })
}
