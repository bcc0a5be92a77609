import { eq } from 'drizzle-orm'
import { STAFF_GROUPS } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { addMember } from './add-member.ts'
import { createUserInput } from './inputs.ts'
import { organisationByName } from './organisation.ts'
import { users } from './tables.ts'

/** Makes an account directly: for the first start and the command line, where there is nobody to invite. */
export const createUser = verb({
  action: 'user.create',
  input: createUserInput,
  allow: { system: true },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, input.email))
    if (taken) throw new AppError('conflict', 'Somebody with this address has an account already.')
    const organisationId = await organisationByName(tx, input.organisation, ctx)
    // The first administrator stands in for every staff group until there are others to grant them to.
    const first = actor.kind === 'system' && input.role === 'admin'
    const id = await addMember(scope, {
      ...input,
      groups: first ? [...STAFF_GROUPS] : [],
      organisationId,
    })
    return {
      result: { id },
      change: {
        target: { type: 'user', id },
        details: { role: input.role, organisation_id: organisationId, first_administrator: first },
        personal: { subject: input.email, data: { email: input.email, name: input.name } },
      },
    }
  },
})
