import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { invitations } from './tables.ts'

/** Tells the identity vendor that an invited address may sign up; the queue holds the invitation's ID, no address. */
export const tellVendor = job({
  name: 'identity.tell-vendor',
  input: z.strictObject({ invitationId: z.string() }),
  maxAttempts: 10,
  async run({ app, input }) {
    const [invitation] = await app.db
      .select({ email: invitations.email })
      .from(invitations)
      .where(and(eq(invitations.id, input.invitationId), isNull(invitations.withdrawnAt)))
    if (invitation) await app.ports.identity.invite(invitation.email)
  },
})
