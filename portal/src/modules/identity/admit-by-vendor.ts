import type { VendorPerson } from '#portal/adapters/identity/port.ts'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { admitPerson } from './admit-person.ts'
import { recordSignIn } from './record-sign-in.ts'

/** Admits whom another identity service has proved and leaves the sign-in in the log; null for whom we do not know. */
export async function admitByVendor(app: App, person: VendorPerson): Promise<string | null> {
  const ctx = app.newContext({ kind: 'system', id: person.provider })
  try {
    const { userId } = await app.call(admitPerson, person, ctx)
    await app.call(recordSignIn, { userId, ok: true }, ctx)
    return userId
  } catch (error) {
    // The refusal itself stands in the log, with its reason.
    if (isAppError(error) && error.code === 'forbidden') return null
    throw error
  }
}

/** Leaves in the log that a sign-in by another identity service failed before anybody was known. */
export async function refuseByVendor(app: App, provider: string, reason: string): Promise<void> {
  await app.call(
    recordSignIn,
    { userId: null, ok: false, reason },
    app.newContext({ kind: 'system', id: provider }),
  )
}
