import type { Metadata } from 'next'
import { getAccount, listSessions } from '#portal/modules/identity/read-account.ts'
import { ask } from '../../../../door.ts'
import { SecurityDesk } from './security-desk.tsx'

export const metadata: Metadata = { title: 'Security' }

export default async function SecurityPage() {
  const [account, sessions] = await Promise.all([ask(getAccount, {}), ask(listSessions, {})])
  return <SecurityDesk account={account} sessions={sessions} />
}
