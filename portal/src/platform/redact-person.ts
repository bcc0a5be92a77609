import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from './db.ts'
import { type ErasedPerson, type ErasedRows, told } from './erasure.ts'

export const REDACTED = '[erased]'

/** As it is, and without its diacritics: as people write it, and as files are called. */
export function spellingsOf(name: string): string[] {
  return [...new Set([name.normalize('NFC'), name.normalize('NFD').replace(/\p{M}/gu, '')])]
}

/** A PostgreSQL pattern (for `~*`) that meets the person's addresses and full names, and no longer word; null for none. */
export function personPattern({
  addresses,
  names,
}: Pick<ErasedPerson, 'addresses' | 'names'>): string | null {
  const escaped = (text: string) =>
    text.replace(/[^\p{L}\p{N}\s]/gu, '\\$&').replace(/\s+/g, '[[:space:]._-]+')
  const parts = [
    ...addresses.map((address) => `(?<![[:alnum:]._%+-])${escaped(address)}(?![[:alnum:]]|[.-][[:alnum:]])`),
    ...names.flatMap(spellingsOf).map((name) => `(?<![[:alnum:]])${escaped(name)}(?![[:alnum:]])`),
  ]
  return parts.length ? parts.join('|') : null
}

/**
 * Takes the person's addresses and full names out of what people wrote: text and jsonb columns of one table. `only`
 * narrows the rows. Names of tables and columns are the code's own, never input.
 */
export async function redactPerson(
  tx: Tx,
  person: ErasedPerson,
  table: string,
  columns: readonly string[],
  only: SQL = sql`true`,
): Promise<ErasedRows[]> {
  const pattern = personPattern(person)
  if (!pattern) return []
  const done: ErasedRows[] = []
  for (const name of columns) {
    const [column, isJson] = [sql.identifier(name.replace('::jsonb', '')), name.endsWith('::jsonb')]
    const clean = sql`regexp_replace(${column}::text, ${pattern}, ${REDACTED}, 'gi')`
    const { rowCount } = await tx.execute(
      sql`update ${sql.identifier(table)} set ${column} = ${isJson ? sql`(${clean})::jsonb` : clean}
        where ${column}::text ~* ${pattern} and ${only}`,
    )
    done.push(...told(`${table}.${name.replace('::jsonb', '')}`, 'redacted', rowCount))
  }
  return done
}
