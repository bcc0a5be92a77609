import type { ReactNode } from 'react'
import { AccountTabs } from '#portal/modules/identity/ui/account-tabs.tsx'

const TABS = [
  { href: '/admin/limits', label: 'Links' },
  { href: '/admin/limits/requests', label: 'Requests' },
] as const

export default function LimitsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid grid-cols-1 gap-5">
      <AccountTabs name="Limits" tabs={TABS} />
      {children}
    </div>
  )
}
