import { join } from 'node:path'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { randomBase58 } from '#portal/platform/ids.ts'
import { writePrivateFile } from '#portal/platform/private-file.ts'
import { createUser } from './create-user.ts'
import { countMembers } from './queries.ts'

/** Where a generated first password waits for its reader; the first sign-in deletes it. */
export const firstPasswordFile = (dataDir: string) => join(dataDir, 'first-password.txt')

export type FirstAdministrator = { email: string; password: string | null; file: string | null }

/**
 * Makes the first administrator where nobody has an account. A generated password goes to the terminal if there is
 * one, else to a file of mode 600; never to a log. Null where people exist already.
 */
export async function ensureFirstAdministrator(
  app: App,
  terminal: boolean,
): Promise<FirstAdministrator | null> {
  const ctx = app.newContext({ kind: 'system', id: 'first-start' })
  if ((await app.call(countMembers, {}, ctx)) > 0) return null
  const { PORTAL_ADMIN_EMAIL: email, PORTAL_ADMIN_PASSWORD: given, DATA_DIR } = app.settings
  const password = given ?? randomBase58(20)
  const file = given || terminal ? null : firstPasswordFile(DATA_DIR)
  // Written before the account exists: a crash in between must not leave an account that nobody can enter.
  if (file) await writePrivateFile(file, `${password}\n`)
  const administrator = {
    email: email.toLowerCase(),
    name: 'Administrator',
    password,
    role: 'admin',
    organisation: 'Motion Mavericks',
  }
  await app.call(createUser, administrator, ctx).catch((error: unknown) => {
    throw isAppError(error) && given ? new Error(`PORTAL_ADMIN_PASSWORD: ${error.message}`) : error
  })
  return { email, password: given || file ? null : password, file }
}
