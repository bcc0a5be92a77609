import { sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'

/**
 * One change of the secrets file at a time, on whichever machine. It holds a connection of the pool; what `change` writes
 * goes by another one, and is committed when it says so, whatever becomes of the change.
 */
export async function aloneWithSecrets<T>(app: Pick<App, 'db'>, change: () => Promise<T>): Promise<T> {
  return await app.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7301010, 3)`)
    return await change()
  })
}
