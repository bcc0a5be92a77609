import type { ReactNode } from 'react'
import { PageTabs } from '#portal/ui/page-tabs.tsx'
import { mustBeAdmin, seesErasures } from '../../../../door.ts'

export default async function PeopleLayout({ children }: { children: ReactNode }) {
  const person = await mustBeAdmin()
  if (!seesErasures(person)) return children
  const tabs = [
    { href: '/admin/users', label: 'People' },
    { href: '/admin/users/erasures', label: 'Erasures' },
    { href: '/admin/users/data', label: 'Data inventory' },
  ]
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageTabs label="People" tabs={tabs} />
      {children}
    </div>
  )
}
