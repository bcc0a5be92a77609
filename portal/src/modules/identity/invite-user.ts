import { eq } from 'drizzle-orm'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { inviteUserInput } from './inputs.ts'
import { organisationByName } from './organisation.ts'
import { PEOPLE_KEEPERS } from './people-keepers.ts'
import { invitations, users } from './tables.ts'
import { tellVendor } from './tell-vendor.ts'

export const INVITATION_DAYS = 7

/** Invites a person by e-mail. The link is given once to the inviter as well: mail may not be set up yet. */
export const inviteUser = verb({
  action: 'user.invite',
  input: inviteUserInput,
  allow: PEOPLE_KEEPERS,
  async run({ tx, input, ctx, actor, enqueue, keys, settings }) {
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, input.email))
    if (taken) throw new AppError('conflict', 'Somebody with this address has an account already.')
    const organisationId = input.organisation
      ? await organisationByName(tx, input.organisation, ctx)
      : actor.kind === 'user' && actor.organisationId
    if (!organisationId) throw new AppError('invalid', 'Name the organisation that this person joins.')

    const id = ctx.newId('inv')
    const token = newToken()
    const expiresAt = new Date(ctx.now.getTime() + INVITATION_DAYS * 86_400_000)
    await tx.insert(invitations).values({
      id,
      tokenHash: hashToken(token),
      email: input.email,
      organisationId,
      role: input.role,
      invitedBy: actor.id,
      createdAt: ctx.now,
      expiresAt,
    })
    // The token stands in the fragment, which browsers never send: no log, no Referer ever holds it.
    const url = `${settings.PUBLIC_URL}/join#${token}`
    await enqueueMail(
      { enqueue, keys },
      { to: input.email, template: 'invitation', values: { url, expiresAt }, idempotencyKey: id },
    )
    await enqueue(tellVendor, { invitationId: id })
    return {
      result: { id, url, email: input.email, role: input.role, expiresAt: expiresAt.toISOString() },
      change: {
        target: { type: 'invitation', id },
        details: { role: input.role, organisation_id: organisationId },
        personal: { subject: input.email, data: { email: input.email } },
      },
    }
  },
})
