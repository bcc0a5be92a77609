import { and, asc, eq, isNull } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { alreadyTold } from '#portal/platform/refusals.ts'
import { recordSignIn } from './record-sign-in.ts'
import { members } from './tables.ts'

/**
 * Where single sign-on is required, a password, passkey or code begins a session for the first administrator alone:
 * somebody must get in on the day the provider does not answer. The refusal is in the log.
 * @throws AppError forbidden with what to do instead
 */
export async function requireSso(
  app: App,
  userId: string,
  means: 'password' | 'passkey' | 'code',
): Promise<void> {
  if (!app.settings.SSO_REQUIRED || (await firstAdministrator(app)) === userId) return
  await app.call(
    recordSignIn,
    { userId, ok: false, means, reason: 'sso_required' },
    app.newContext({ kind: 'system', id: 'identity' }),
  )
  throw alreadyTold(
    new AppError(
      'forbidden',
      `Here everybody signs in by ${app.settings.OIDC_NAME}. Choose “Continue with ${app.settings.OIDC_NAME}” on the sign-in page.`,
    ),
  )
}

/** The administrator who has been one for longest and was not deactivated. */
async function firstAdministrator(app: App): Promise<string | undefined> {
  const [first] = await app.db
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.role, 'admin'), isNull(members.deactivatedAt)))
    .orderBy(asc(members.createdAt), asc(members.userId))
    .limit(1)
  return first?.userId
}
