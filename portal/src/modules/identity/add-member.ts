import { eq } from 'drizzle-orm'
import type { Context, Role, StaffGroup } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { hashPassword } from '#portal/platform/password-hash.ts'
import { refusePoorPassword } from './poor-password.ts'
import { accounts, members, organisations, users } from './tables.ts'

export type NewMember = {
  email: string
  name: string
  password: string
  role: Role
  groups: StaffGroup[]
  organisationId: string
}

/**
 * Writes the account that Better Auth will sign in, and what the person may do, in the caller's transaction.
 * @throws AppError invalid where the password is one that attackers try first
 */
export async function addMember(
  { tx, ctx, settings }: { tx: Tx; ctx: Context; settings: Settings },
  member: NewMember,
): Promise<string> {
  const [organisation] = await tx
    .select({ name: organisations.name })
    .from(organisations)
    .where(eq(organisations.id, member.organisationId))
  const context = [member.email, member.name, organisation?.name ?? '']
  await refusePoorPassword({ password: member.password, context, settings })
  const id = ctx.newId('usr')
  const at = { createdAt: ctx.now, updatedAt: ctx.now }
  await tx.insert(users).values({ id, name: member.name, email: member.email, emailVerified: true, ...at })
  await tx.insert(accounts).values({
    id: ctx.newId('key'),
    userId: id,
    accountId: id,
    providerId: 'credential',
    password: await hashPassword(member.password),
    ...at,
  })
  await tx.insert(members).values({
    userId: id,
    organisationId: member.organisationId,
    role: member.role,
    staffGroups: member.groups,
    createdAt: ctx.now,
  })
  return id
}
