import { z } from 'zod'
import { findAccount } from '#portal/modules/identity/erase-person.ts'
import { formerAddressesOf } from '#portal/modules/identity/former-addresses.ts'
import { keyedHash, seal, unseal } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ErasedPerson } from '#portal/platform/erasure.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'

export const erasurePlace = (erasureId: string) => `erasure:${erasureId}`

const contents = z.strictObject({
  userId: z.string().nullable(),
  addresses: z.array(z.string()),
  names: z.array(z.string()),
})

export type FoundPerson = ErasedPerson & { organisationId: string | null }

/**
 * Whom a request means, with every address that is theirs: an account holder's present and former ones, and those that
 * the request names beside. An address that nobody here has is a guest's.
 */
export async function findPerson(
  tx: Tx,
  keys: Keys,
  asked: { person: string; addresses: readonly string[] },
): Promise<FoundPerson> {
  const { person, addresses } = asked
  const isAddress = person.includes('@')
  const account = await findAccount(tx, isAddress ? { email: person } : { id: person })
  if (!account && !isAddress) throw new AppError('not_found', 'There is no account with this ID.')
  const former = account ? await formerAddressesOf(tx, keys, account.id) : []
  const all = [account?.email ?? person, ...former, ...addresses].map((one) => one.toLowerCase())
  return {
    userId: account?.id ?? null,
    addresses: [...new Set(all)],
    names: account && /\S\s+\S/.test(account.name) ? [account.name.trim()] : [],
    organisationId: account?.organisationId ?? null,
  }
}

export function sealPerson(keys: Keys, erasureId: string, person: ErasedPerson): Buffer {
  const { userId, addresses, names } = person
  return seal(keys.seal, JSON.stringify({ userId, addresses, names }), erasurePlace(erasureId))
}

export function openPerson(keys: Keys, erasureId: string, sealed: Buffer): ErasedPerson {
  return contents.parse(JSON.parse(unseal(keys.seal, sealed, erasurePlace(erasureId)).toString()))
}

/** Keeps two erasures of one person apart while one is open. */
export function hashPerson(keys: Keys, { userId, addresses }: ErasedPerson): Buffer {
  return keyedHash(keys.hash, 'erasure', userId ?? addresses[0] ?? '')
}
