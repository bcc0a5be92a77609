import { createSubjectKeys } from '#portal/modules/audit/personal.ts'
import { personHash } from '#portal/modules/sharing/bar-viewer.ts'
import type { App } from '#portal/platform/app.ts'
import type { ErasedPerson } from '#portal/platform/erasure.ts'
import { personPattern } from '#portal/platform/redact-person.ts'
import { UNREAD_TABLES } from './data-inventory.ts'

/**
 * The last look of an erasure: tables in which a row still holds one of the person's addresses, or a keyed hash of it,
 * anywhere, whichever column. Reads each table once, but for those that the inventory gives a reason to leave out.
 */
export async function lookForTraces(app: App, person: ErasedPerson): Promise<string[]> {
  const pattern = personPattern({ addresses: person.addresses, names: [] })
  if (!pattern) return []
  const { lookupOf } = createSubjectKeys(app.keys)
  const hashes = person.addresses.flatMap((address) => [personHash(app.keys, address), lookupOf(address)])
  const found: string[] = []
  for (const table of await tablesToRead(app)) {
    const { rowCount } = await app.pool.query(
      `select from ${table} whole where whole::text ~* $1 or whole::text like any($2) limit 1`,
      [pattern, hashes.map((hash) => `%${hash.toString('hex')}%`)],
    )
    if (rowCount) found.push(table)
  }
  return found
}

async function tablesToRead(app: App): Promise<string[]> {
  const { rows } = await app.pool.query<{ name: string }>(
    `select case when schemaname = 'public' then format('%I', tablename) else format('%I.%I', schemaname, tablename) end as name
     from pg_tables where schemaname in ('public', 'graphile_worker') order by 1`,
  )
  return rows.map(({ name }) => name).filter((name) => !UNREAD_TABLES.has(name))
}
