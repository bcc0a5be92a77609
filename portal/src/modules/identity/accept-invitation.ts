import { and, eq, gt, isNull } from 'drizzle-orm'
import { hashToken } from '#portal/platform/crypto.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { addMember } from './add-member.ts'
import { acceptInvitationInput } from './inputs.ts'
import { invitations, users } from './tables.ts'

/** Turns an invitation into an account, once. The address was proved by receiving the link. */
export const acceptInvitation = verb({
  action: 'user.join',
  input: acceptInvitationInput,
  allow: { anyone: true },
  async run(scope) {
    const { tx, input, ctx } = scope
    const [invitation] = await tx
      .update(invitations)
      .set({ acceptedAt: ctx.now })
      .where(
        and(
          eq(invitations.tokenHash, hashToken(input.token)),
          isNull(invitations.acceptedAt),
          isNull(invitations.withdrawnAt),
          gt(invitations.expiresAt, ctx.now),
        ),
      )
      .returning()
    if (!invitation) throw new Refusal('invitation_not_open')
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, invitation.email))
    if (taken) throw new AppError('conflict', 'You have an account already. Sign in with it.')
    const id = await addMember(scope, {
      email: invitation.email,
      name: input.name,
      password: input.password,
      role: invitation.role,
      groups: [],
      organisationId: invitation.organisationId,
    })
    return {
      result: { id, email: invitation.email },
      change: {
        target: { type: 'user', id },
        details: {
          role: invitation.role,
          organisation_id: invitation.organisationId,
          invitation_id: invitation.id,
        },
        personal: { subject: invitation.email, data: { email: invitation.email, name: input.name } },
      },
    }
  },
})
