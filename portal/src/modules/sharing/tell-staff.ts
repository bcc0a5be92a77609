import { and, arrayOverlaps, eq, ne } from 'drizzle-orm'
import { z } from 'zod'
import { memberFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { MailTemplate, MailValues } from '#portal/modules/notifications/compose-mail.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { StaffGroup } from '#portal/platform/context.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'

/** Groups whose members decide, as a second person, on what others ask for. */
export const SECOND_PERSONS: StaffGroup[] = ['security', 'compliance', 'operations']

type Scope = Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys' | 'enqueue'>

/** Mails everybody in one of these groups, once for a matter; returns how many. */
export async function mailStaff<T extends MailTemplate>(
  scope: Scope,
  groups: StaffGroup[],
  mail: { template: T; values: MailValues[T]; matter: string; except?: string },
): Promise<number> {
  const staff = await scope.tx
    .select({ id: personFacts.id, email: personFacts.email })
    .from(memberFacts)
    .innerJoin(personFacts, eq(personFacts.id, memberFacts.userId))
    .where(
      and(
        arrayOverlaps(memberFacts.staffGroups, groups),
        mail.except ? ne(memberFacts.userId, mail.except) : undefined,
      ),
    )
    .limit(200)
  for (const { id, email } of staff)
    await enqueueMail(scope, {
      to: email,
      template: mail.template,
      values: mail.values,
      idempotencyKey: `${mail.matter}:${id}`,
    })
  return staff.length
}

/** Tells security and compliance that the video service has not confirmed a revoke; the job goes on trying. */
export const tellStaffUnconfirmed = verb({
  action: 'revocation.unconfirmed',
  input: z.strictObject({ stopId: z.string() }),
  allow: { system: true },
  async run(scope) {
    const { input, settings } = scope
    const told = await mailStaff(scope, ['security', 'compliance'], {
      template: 'revoke-unconfirmed',
      values: { url: `${settings.PUBLIC_URL}/admin/approvals` },
      matter: `unconfirmed:${input.stopId}`,
    })
    return {
      result: { told },
      change: {
        target: { type: 'playback_stop', id: input.stopId },
        outcome: 'failed',
        reason: 'video_service',
        details: { told },
      },
    }
  },
})
