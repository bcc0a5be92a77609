import { and, eq, isNull, sql } from 'drizzle-orm'
import { unseal } from '#portal/platform/crypto.ts'
import { dropQueued } from '#portal/platform/drop-queued.ts'
import {
  ERASED_DOMAIN,
  ERASED_NAME,
  type ErasedPerson,
  type Eraser,
  type EraseScope,
  told,
} from '#portal/platform/erasure.ts'
import { ACCOUNT_MAIL_BOX } from './account-mail-job.ts'
import { addressPlace } from './account-proofs.ts'
import { endSessionsOf } from './end-sessions.ts'
import { members, users } from './tables.ts'

/** Lets nobody in as this person any more, before anything else goes. */
export const accountCloser: Eraser = {
  step: 'identity.close',
  async erase({ tx, ctx, person: { userId } }) {
    if (userId === null) return []
    const closed =
      await tx.execute(sql`update members set deactivated_at = coalesce(deactivated_at, ${ctx.now.toISOString()}),
      staff_groups = '{}', role = 'guest', erased_at = ${ctx.now.toISOString()} where user_id = ${userId} and erased_at is null`)
    return [
      ...told('members', 'ended', closed.rowCount),
      ...told('sessions', 'deleted', await endSessionsOf(tx, userId)),
    ]
  },
}

/** What leads to an account holder, or to whoever was invited: the row of the account stays, and names nobody. */
export const identityEraser: Eraser = {
  step: 'identity',
  async erase(scope) {
    const { tx, person, ctx } = scope
    const addresses = sql`any(${sql.param(person.addresses)}::text[])`
    const invited = await tx.execute(sql`delete from invitations where email = ${addresses}`)
    return [
      ...told('invitations', 'deleted', invited.rowCount),
      ...told('account_proofs', 'deleted', await dropProofs(scope)),
      ...told('graphile_worker._private_jobs', 'deleted', await dropMails(scope)),
      ...(person.userId === null ? [] : await eraseAccount(scope, person.userId)),
      ...told(
        'verifications',
        'deleted',
        (
          await tx.execute(sql`delete from verifications where lower(identifier) = ${addresses}
            or value = ${person.userId} or identifier = ${person.userId}`)
        ).rowCount,
      ),
      ...(await anonymiseUser(scope, person, ctx.now)),
    ]
  },
}

const OWN_ROWS = ['accounts', 'totp_factors', 'recovery_codes', 'passkeys', 'former_addresses'] as const

async function eraseAccount({ tx }: EraseScope, userId: string) {
  const done = []
  for (const table of OWN_ROWS) {
    const { rowCount } = await tx.execute(sql`delete from ${sql.identifier(table)} where user_id = ${userId}`)
    done.push(...told(table, 'deleted', rowCount))
  }
  return done
}

async function anonymiseUser({ tx }: EraseScope, { userId }: ErasedPerson, now: Date) {
  if (userId === null) return []
  const address = `${userId.toLowerCase()}${ERASED_DOMAIN}`
  const { rowCount } = await tx.execute(sql`update users
    set name = ${ERASED_NAME}, email = ${address}, email_verified = false, image = null, updated_at = ${now.toISOString()}
    where id = ${userId} and email <> ${address}`)
  return told('users', 'replaced', rowCount)
}

/** Codes and links on their way; few, since each lives for half an hour at most. */
async function dropProofs({ tx, keys, person }: EraseScope): Promise<number> {
  const { rows } = await tx.execute<{ id: string; email_sealed: Buffer; user_id: string | null }>(
    sql`select id, email_sealed, user_id from account_proofs`,
  )
  const theirs = rows.filter(
    ({ id, email_sealed, user_id }) =>
      (user_id !== null && user_id === person.userId) ||
      person.addresses.includes(unseal(keys.seal, email_sealed, addressPlace(id)).toString()),
  )
  if (theirs.length === 0) return 0
  const ids = sql.param(theirs.map(({ id }) => id))
  await tx.execute(sql`delete from account_proofs where id = any(${ids}::text[])`)
  return theirs.length
}

async function dropMails({ tx, keys, person }: EraseScope): Promise<number> {
  return await dropQueued(tx, 'identity.mail-proof', ({ proofId, sealed }) => {
    const text = unseal(
      keys.seal,
      Buffer.from(String(sealed), 'base64'),
      `${ACCOUNT_MAIL_BOX}:${proofId}`,
    ).toString()
    return person.addresses.some((address) => text.includes(JSON.stringify(address)))
  })
}

/** Whoever has an account: by ID, or by the address that they have now. Null for nobody, and for who is erased. */
export async function findAccount(tx: EraseScope['tx'], by: { id: string } | { email: string }) {
  const [row] = await tx
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      organisationId: members.organisationId,
      role: members.role,
      isActive: sql<boolean>`${members.deactivatedAt} is null`,
    })
    .from(users)
    .innerJoin(members, eq(members.userId, users.id))
    .where(and('id' in by ? eq(users.id, by.id) : eq(users.email, by.email), isNull(members.erasedAt)))
  return row ?? null
}
