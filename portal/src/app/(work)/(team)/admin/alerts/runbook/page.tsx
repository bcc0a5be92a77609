import type { Metadata } from 'next'
import { RUNBOOKS } from '#portal/modules/vendors/rules.ts'
import { RunbookText } from '#portal/modules/vendors/ui/runbook-text.tsx'
import { getApp } from '#portal/platform/app.ts'
import { mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Vendor runbook' }

export default async function RunbookPage() {
  await mustBeAdmin()
  return <RunbookText runbook={RUNBOOKS[getApp().settings.VENDOR_RUNBOOK_VERSION]} />
}
