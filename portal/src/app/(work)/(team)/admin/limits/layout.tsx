import type { ReactNode } from 'react'
import { PageTabs } from '#portal/ui/page-tabs.tsx'

const TABS = [
  { href: '/admin/limits', label: 'Links' },
  { href: '/admin/limits/requests', label: 'Requests' },
  { href: '/admin/limits/abuse', label: 'Abuse' },
] as const

export default function LimitsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageTabs label="Limits" tabs={TABS} />
      {children}
    </div>
  )
}
