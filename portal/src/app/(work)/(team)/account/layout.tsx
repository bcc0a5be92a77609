import type { ReactNode } from 'react'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageTabs } from '#portal/ui/page-tabs.tsx'
import { mustBeSignedIn } from '../../../door.ts'
import { ACCOUNT_TABS } from './tabs.ts'

export default async function AccountLayout({ children }: { children: ReactNode }) {
  const person = await mustBeSignedIn()
  return (
    <div className="grid max-w-[760px] grid-cols-1 gap-5">
      <PageHead title="Your account">{person.email}</PageHead>
      <PageTabs label="Account" tabs={ACCOUNT_TABS} />
      {children}
    </div>
  )
}
