import { eq, sql } from 'drizzle-orm'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { organisations } from './tables.ts'

/** Finds an organisation by name, without case, or makes it in this installation's region. */
export async function organisationByName(tx: Tx, name: string, ctx: Context): Promise<string> {
  // Two people inviting into the same new organisation must not make it twice.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('organisation:' || lower(${name}), 0))`)
  const [found] = await tx
    .select({ id: organisations.id })
    .from(organisations)
    .where(eq(sql`lower(${organisations.name})`, name.toLowerCase()))
  if (found) return found.id
  const id = ctx.newId('org')
  await tx.insert(organisations).values({ id, name, region: ctx.region, createdAt: ctx.now })
  return id
}
