import type { Metadata } from 'next'
import { listAlertChannels, listAlerts } from '#portal/modules/notifications/list-alerts.ts'
import { resolveAlert } from '#portal/modules/notifications/settle-alert.ts'
import { AlertsDesk } from '#portal/modules/notifications/ui/alerts-desk.tsx'
import { getApp } from '#portal/platform/app.ts'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'

export const metadata: Metadata = { title: 'Alerts' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const SETTLING = new Set<string>(resolveAlert.allow.groups)

export default async function AlertsPage({ searchParams }: Props) {
  const { groups } = await mustBeAdmin()
  const search = await searchParams
  const state = oneOf(search.state) === 'past' ? 'past' : 'open'
  const cursor = oneOf(search.after)
  const [page, channels] = await Promise.all([
    ask(listAlerts, { state, limit: 50, ...(cursor ? { cursor } : {}) }),
    ask(listAlertChannels, {}),
  ])
  return (
    <AlertsDesk
      alerts={page.items}
      next={page.nextCursor}
      state={state}
      channels={channels}
      runbook={getApp().settings.VENDOR_RUNBOOK_VERSION}
      canSettle={groups.some((group) => SETTLING.has(group))}
    />
  )
}
