import type { ReactNode } from 'react'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageTabs } from '#portal/ui/page-tabs.tsx'
import { decidesOnLog, mustBeAdmin, seesLogStorage } from '../../../../door.ts'

export default async function AuditLayout({ children }: { children: ReactNode }) {
  const person = await mustBeAdmin()
  const tabs = [
    { href: '/admin/audit', label: 'Log' },
    { href: '/admin/audit/events', label: 'Event types' },
    { href: '/admin/audit/keys', label: 'Keys' },
    { href: '/admin/audit/access', label: 'Access' },
    ...(decidesOnLog(person) ? [{ href: '/admin/audit/reviews', label: 'Reviews' }] : []),
    ...(seesLogStorage(person) ? [{ href: '/admin/audit/storage', label: 'Storage' }] : []),
  ]
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHead title="Audit log">Nothing in it can be changed or left out unnoticed.</PageHead>
      <PageTabs label="Audit log" tabs={tabs} />
      {children}
    </div>
  )
}
