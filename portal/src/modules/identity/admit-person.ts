import { and, eq, gt, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { emailAddress, personName } from './inputs.ts'
import { accounts, invitations, members, users } from './tables.ts'

const admitInput = z.strictObject({
  /** `oidc:` and the issuer: a subject is one person at one issuer only. */
  provider: z
    .string()
    .max(500)
    .regex(/^(clerk|oidc:https?:\/\/.+)$/),
  vendorUserId: z.string().min(1).max(255),
  email: emailAddress,
  name: personName,
})
type Admission = z.infer<typeof admitInput>

/**
 * Who somebody is here, whom another identity service has proved, address included: the member they are linked to,
 * the member with that address, or whoever was invited by it. Nobody else: there is no open sign-up.
 */
export const admitPerson = verb({
  action: 'user.admit',
  input: admitInput,
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const known = await linkedMember(tx, input)
    const found = known
      ? { userId: known, how: 'known' }
      : ((await linkByAddress(tx, input, ctx)) ?? (await joinByInvitation(tx, input, ctx)))
    return {
      result: { userId: found.userId },
      change: {
        target: { type: 'user', id: found.userId },
        details: { provider: input.provider, how: found.how },
        ...(found.how === 'known'
          ? {}
          : { personal: { subject: input.email, data: { email: input.email } } }),
      },
    }
  },
})

async function linkedMember(tx: Tx, { provider, vendorUserId }: Admission): Promise<string | null> {
  const [linked] = await tx
    .select({ userId: accounts.userId, deactivatedAt: members.deactivatedAt })
    .from(accounts)
    .innerJoin(members, eq(members.userId, accounts.userId))
    .where(and(eq(accounts.providerId, provider), eq(accounts.accountId, vendorUserId)))
  if (linked?.deactivatedAt) throw new Refusal('deactivated', { type: 'user', id: linked.userId })
  return linked?.userId ?? null
}

/** A member with this address is linked once: another account of the service with the same address is not them. */
async function linkByAddress(tx: Tx, input: Admission, ctx: Context) {
  const [member] = await tx
    .select({ userId: users.id, deactivatedAt: members.deactivatedAt })
    .from(users)
    .innerJoin(members, eq(members.userId, users.id))
    .where(and(eq(users.email, input.email), eq(users.emailVerified, true)))
  if (!member) return null
  const target = { type: 'user', id: member.userId }
  if (member.deactivatedAt) throw new Refusal('deactivated', target)
  const [other] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.providerId, input.provider), eq(accounts.userId, member.userId)))
  if (other) throw new Refusal('linked_to_another', target)
  await link(tx, input, ctx, member.userId)
  return { userId: member.userId, how: 'linked' }
}

async function joinByInvitation(tx: Tx, input: Admission, ctx: Context) {
  const [invitation] = await tx
    .update(invitations)
    .set({ acceptedAt: ctx.now })
    .where(
      and(
        eq(invitations.email, input.email),
        isNull(invitations.acceptedAt),
        isNull(invitations.withdrawnAt),
        gt(invitations.expiresAt, ctx.now),
      ),
    )
    .returning()
  if (!invitation) throw new Refusal('not_invited')
  const userId = ctx.newId('usr')
  const { email, name } = input
  const at = { createdAt: ctx.now, updatedAt: ctx.now }
  await tx.insert(users).values({ id: userId, name, email, emailVerified: true, ...at })
  await link(tx, input, ctx, userId)
  await tx.insert(members).values({
    userId,
    organisationId: invitation.organisationId,
    role: invitation.role,
    createdAt: ctx.now,
  })
  return { userId, how: 'invited' }
}

async function link(tx: Tx, { provider, vendorUserId }: Admission, ctx: Context, userId: string) {
  await tx.insert(accounts).values({
    id: ctx.newId('key'),
    userId,
    accountId: vendorUserId,
    providerId: provider,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  })
}
