import { eq } from 'drizzle-orm'
import { seal, unseal } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { formerAddresses, users } from './tables.ts'

export const formerAddressPlace = (id: string) => `former-address:${id}`

/** Keeps, sealed, the address that somebody is giving up: an erasure has to find what was kept under it. */
export async function keepFormerAddress(
  { tx, ctx, keys }: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys'>,
  userId: string,
): Promise<void> {
  const [person] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
  if (!person) return
  const id = ctx.newId('fad')
  const addressSealed = seal(keys.seal, person.email, formerAddressPlace(id))
  await tx.insert(formerAddresses).values({ id, userId, addressSealed, changedAt: ctx.now })
}

export async function formerAddressesOf(tx: Tx, keys: Keys, userId: string): Promise<string[]> {
  const rows = await tx.select().from(formerAddresses).where(eq(formerAddresses.userId, userId))
  return rows.map(({ id, addressSealed }) =>
    unseal(keys.seal, addressSealed, formerAddressPlace(id)).toString(),
  )
}
