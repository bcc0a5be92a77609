import { accounts, passkeys, sessions, users, verifications } from './tables.ts'

/** Our tables by Better Auth's names for its models. */
export const authSchema = {
  user: users,
  session: sessions,
  account: accounts,
  verification: verifications,
  passkey: passkeys,
}
