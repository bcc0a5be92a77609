import type { Metadata } from 'next'
import { listEmergencies } from '#portal/modules/access/grant-emergency.ts'
import { EmergencyDesk } from '#portal/modules/access/ui/emergency-desk.tsx'
import { listOrganisations } from '#portal/modules/identity/tend-organisations.ts'
import { ask, mustBeAdmin } from '../../../../door.ts'

export const metadata: Metadata = { title: 'Emergency access' }

export default async function EmergencyPage() {
  const person = await mustBeAdmin()
  const [grants, organisations] = await Promise.all([ask(listEmergencies, {}), ask(listOrganisations, {})])
  const decides = person.groups.includes('security') || person.groups.includes('compliance')
  return <EmergencyDesk grants={grants} organisations={organisations} decides={decides} />
}
