import type { ReactNode } from 'react'
import { AccountFoot } from '#portal/modules/identity/ui/account-foot.tsx'
import { type NavGroup, Shell } from '#portal/ui/shell.tsx'
import { chosenTheme, mustBeSignedIn } from '../../door.ts'

const team: NavGroup = {
  links: [
    { href: '/videos', label: 'Videos' },
    { href: '/shares', label: 'Shares' },
  ],
}
const staff: NavGroup = {
  label: 'Administration',
  links: [
    { href: '/admin/shares', label: 'All shares' },
    { href: '/admin/users', label: 'People' },
    { href: '/admin/outbox', label: 'Mail outbox' },
    { href: '/admin/keys', label: 'Signing keys' },
    { href: '/admin/audit', label: 'Audit log' },
  ],
}

export default async function TeamLayout({ children }: { children: ReactNode }) {
  const person = await mustBeSignedIn()
  const groups = person.role === 'admin' ? [team, staff] : [team]
  const foot = (
    <AccountFoot
      name={person.name}
      organisation={person.organisationName}
      theme={(await chosenTheme()) ?? 'system'}
    />
  )
  return (
    <Shell groups={groups} foot={foot}>
      {children}
    </Shell>
  )
}
