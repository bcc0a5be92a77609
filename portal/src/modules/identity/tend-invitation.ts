import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { INVITATION_DAYS } from './invite-user.ts'
import { PEOPLE_KEEPERS } from './people-keepers.ts'
import { invitations } from './tables.ts'
import { tellVendor } from './tell-vendor.ts'

const MAX_SENDS = 10
const invitationId = z.strictObject({ id: z.string().max(64) })

const isOpen = (id: string) =>
  and(eq(invitations.id, id), isNull(invitations.acceptedAt), isNull(invitations.withdrawnAt))

/** Mails an invitation again, with a new link and a new week; the link before it is dead. */
export const resendInvitation = verb({
  action: 'user.resend-invitation',
  input: invitationId,
  allow: PEOPLE_KEEPERS,
  async run({ tx, input, ctx, enqueue, keys, settings }) {
    const token = newToken()
    const expiresAt = new Date(ctx.now.getTime() + INVITATION_DAYS * 86_400_000)
    const [sent] = await tx
      .update(invitations)
      .set({ tokenHash: hashToken(token), expiresAt, sentAt: ctx.now, sends: sql`${invitations.sends} + 1` })
      .where(and(isOpen(input.id), sql`${invitations.sends} < ${MAX_SENDS}`))
      .returning()
    if (!sent)
      throw new AppError(
        'not_found',
        'This invitation is not open any more, or was sent ten times. Invite anew.',
      )
    const { id, email, sends } = sent
    const url = `${settings.PUBLIC_URL}/join#${token}`
    await enqueueMail(
      { enqueue, keys },
      { to: email, template: 'invitation', values: { url, expiresAt }, idempotencyKey: `${id}:${sends}` },
    )
    await enqueue(tellVendor, { invitationId: id })
    return {
      result: { id, url, email, role: sent.role, expiresAt: expiresAt.toISOString() },
      change: { target: { type: 'invitation', id }, details: { sends } },
    }
  },
})

/** Takes an open invitation back: its link is dead from now on. */
export const withdrawInvitation = verb({
  action: 'user.withdraw-invitation',
  input: invitationId,
  allow: PEOPLE_KEEPERS,
  async run({ tx, input, ctx }) {
    const [gone] = await tx
      .update(invitations)
      .set({ withdrawnAt: ctx.now })
      .where(isOpen(input.id))
      .returning({ id: invitations.id })
    if (!gone) throw new AppError('not_found', 'This invitation is not open any more.')
    return {
      result: { id: gone.id, status: 'withdrawn' as const },
      change: { target: { type: 'invitation', id: gone.id } },
    }
  },
})
