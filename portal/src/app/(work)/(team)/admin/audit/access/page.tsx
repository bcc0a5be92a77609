import type { Metadata } from 'next'
import { listLogAccess } from '#portal/modules/audit/grants/list-access.ts'
import { AccessDesk } from '#portal/modules/audit/ui/access-desk.tsx'
import { ask, decidesOnLog, mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Access to the audit log' }

export default async function LogAccessPage() {
  const person = await mustBeAdmin()
  return <AccessDesk grants={await ask(listLogAccess, {})} decides={decidesOnLog(person)} />
}
