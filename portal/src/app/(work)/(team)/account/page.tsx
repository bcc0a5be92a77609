import type { Metadata } from 'next'
import { getAccount } from '#portal/modules/identity/read-account.ts'
import { AccountProfile } from '#portal/modules/identity/ui/account-profile.tsx'
import { ask } from '../../../door.ts'

export const metadata: Metadata = { title: 'Your account' }

export default async function AccountPage() {
  const { name, email } = await ask(getAccount, {})
  return <AccountProfile name={name} email={email} />
}
