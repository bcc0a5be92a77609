import type { ReactNode } from 'react'
import { activeEmergency } from '#portal/modules/access/active-emergency.ts'
import { EmergencyBanner } from '#portal/modules/access/ui/emergency-banner.tsx'
import { AccountFoot } from '#portal/modules/identity/ui/account-foot.tsx'
import { ConfirmIdentity } from '#portal/modules/identity/ui/confirm-identity.tsx'
import { getBudgetLevel } from '#portal/modules/limits/set-budget-level.ts'
import { BudgetBanner } from '#portal/modules/limits/ui/budget-banner.tsx'
import { countApprovals } from '#portal/modules/sharing/list-revocations.ts'
import { getApp } from '#portal/platform/app.ts'
import { type NavGroup, Shell } from '#portal/ui/shell.tsx'
import { ask, chosenTheme, mustBeSignedIn } from '../../door.ts'

const team: NavGroup = {
  links: [
    { href: '/videos', label: 'Videos' },
    { href: '/uploads', label: 'Uploads' },
    { href: '/shares', label: 'Shares' },
  ],
}
const staffWith = (waiting: number): NavGroup[] => [
  {
    label: 'Links',
    links: [
      { href: '/admin/shares', label: 'All shares' },
      { href: '/admin/approvals', label: 'Approvals', count: waiting },
      { href: '/admin/revocation', label: 'Time to black' },
      { href: '/admin/limits', label: 'Limits' },
    ],
  },
  {
    label: 'Access',
    links: [
      { href: '/admin/users', label: 'People' },
      { href: '/admin/staff', label: 'Staff groups' },
      { href: '/admin/emergency', label: 'Emergency access' },
    ],
  },
  {
    label: 'Operations',
    links: [
      { href: '/admin/telemetry', label: 'Metrics' },
      { href: '/admin/alerts', label: 'Alerts' },
      { href: '/admin/webhooks', label: 'Webhooks' },
      { href: '/admin/reconciliation', label: 'Comparison' },
      { href: '/admin/outbox', label: 'Mail outbox' },
      { href: '/admin/keys', label: 'Signing keys' },
      { href: '/admin/audit', label: 'Audit log' },
    ],
  },
]

const SHARE_PAGES = ['/admin/shares', '/admin/approvals', '/admin/revocation']

/** Without the pages that ADMIN_SHARE_UI_ENABLED switches off. */
const shown = (groups: NavGroup[]): NavGroup[] =>
  getApp().settings.ADMIN_SHARE_UI_ENABLED
    ? groups
    : groups.map((group) => ({
        ...group,
        links: group.links.filter(({ href }) => !SHARE_PAGES.includes(href)),
      }))

export default async function TeamLayout({ children }: { children: ReactNode }) {
  const person = await mustBeSignedIn()
  const waiting = person.role === 'admin' ? await ask(countApprovals, {}) : null
  const emergency = waiting ? await ask(activeEmergency, {}) : null
  const budget = person.role === 'guest' ? null : await ask(getBudgetLevel, {})
  const groups = waiting ? [team, ...shown(staffWith(waiting.revocations + waiting.shares))] : [team]
  const foot = (
    <AccountFoot
      name={person.name}
      organisation={person.organisationName}
      theme={(await chosenTheme()) ?? 'system'}
    />
  )
  return (
    <Shell groups={groups} foot={foot}>
      {emergency?.until && <EmergencyBanner until={emergency.until} />}
      {budget?.until && budget.level !== 'normal' && <BudgetBanner step={budget} until={budget.until} />}
      {children}
      <ConfirmIdentity />
    </Shell>
  )
}
