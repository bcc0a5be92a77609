'use client'

import { RUNBOOK_PATH } from '#portal/modules/vendors/rules.ts'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import type { AlertChannelView, AlertView } from '../answers.ts'
import { AlertCard } from './alert-card.tsx'
import { ChannelStrip } from './channel-strip.tsx'

/** Open and past alerts, and how the channels fare that tell of them. */
export function AlertsDesk({
  alerts,
  next,
  state,
  channels,
  canSettle,
  runbook,
}: {
  alerts: AlertView[]
  next: string | null
  state: 'open' | 'past'
  channels: AlertChannelView[]
  canSettle: boolean
  /** version of the vendor runbook that this installation follows */
  runbook: string
}) {
  const refresh = useRefresh(10_000)
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead
        title="Alerts"
        actions={
          <a
            className="inline-flex min-h-8 items-center underline underline-offset-2 max-sm:min-h-11"
            href={RUNBOOK_PATH}
          >
            Vendor runbook, version {runbook}
          </a>
        }
      >
        What is wrong now, told once a cause and resolved when it clears.
      </PageHead>
      <ChannelStrip channels={channels} canTest={canSettle} />
      <FilterChips
        label="Alerts"
        name="state"
        chosen={state === 'past' ? 'past' : undefined}
        choices={[{ value: 'past', label: 'Past' }]}
        all="Open"
      />
      {alerts.length === 0 ? (
        <EmptyState title={state === 'open' ? 'Nothing is wrong' : 'No past alerts'}>
          {state === 'open' ? 'An alert appears here within seconds of its cause.' : undefined}
        </EmptyState>
      ) : (
        <div className="grid grid-cols-1 gap-3">
          {alerts.map((alert) => (
            <AlertCard key={alert.id} alert={alert} canSettle={canSettle} onSettled={refresh} />
          ))}
        </div>
      )}
      <PageLinks next={next} />
    </div>
  )
}
