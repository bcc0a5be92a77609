import type { App } from '#portal/platform/app.ts'
import { inTransaction } from '../sql-runner.ts'
import { segmentsOf } from './segment-store.ts'

/** An object that is being written is recorded long before this; older ones were abandoned by a crash. */
const ABANDONED_MS = 86_400_000
const MOST = 1000

/**
 * Deletes objects of the archive that no range refers to: what a seal replaced, at once; what a killed run left, after
 * a day. The row goes after the object, so that a crash between both is gone on with. Answers how many.
 */
export async function sweepObjects(app: App, now: Date): Promise<number> {
  let swept = 0
  while (swept < MOST && (await sweepOne(app, now))) swept += 1
  return swept
}

async function sweepOne(app: App, now: Date): Promise<boolean> {
  return await inTransaction(app.pool, async (client) => {
    // The row's lock keeps whoever is about to refer to this object out.
    const { rows } = await client.query<{ key: string }>(
      `select o.key from audit_objects o
      where not exists (select from audit_ranges r where r.object_key = o.key)
        and (o.begun_at < $1 or exists (select from audit_seals s where s.n = o.n and s.sealed_at >= o.begun_at))
      order by o.key limit 1 for update skip locked`,
      [new Date(now.getTime() - ABANDONED_MS)],
    )
    const key = rows[0]?.key
    if (key === undefined) return false
    await segmentsOf(app).remove(key)
    await client.query('delete from audit_objects where key = $1', [key])
    return true
  })
}
