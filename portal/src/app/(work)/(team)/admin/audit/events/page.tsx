import type { Metadata } from 'next'
import { AUDIT_SCHEMA_VERSION } from '#portal/modules/audit/event.ts'
import { EventTypes } from '#portal/modules/audit/ui/catalogue-board.tsx'
import { mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Types of audit events' }

export default async function EventTypesPage() {
  await mustBeAdmin()
  return <EventTypes version={AUDIT_SCHEMA_VERSION} />
}
