'use client'

import { useState } from 'react'
import { eventInWords, plainReason } from '#portal/modules/audit/ui/event-words.ts'
import { ProvedMark, type ReceiptSource } from '#portal/modules/audit/ui/proved-mark.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { ErrorState, Skeleton } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useApi } from '#portal/ui/use-api.ts'

type HistoryEvent = {
  id: string
  time: string
  action: string
  outcome: string
  reason: string | null
  actorKind: string
  actor: string
  proved: boolean
}

type Props = {
  shareId: string
  /** where its reader may take receipts from */
  receipts: ReceiptSource
  everyMs: number
}

/** What happened to one link, newest first, each event with its proof. */
export function ShareHistory({ shareId, receipts, everyMs }: Props) {
  const history = useApi<{ items: HistoryEvent[]; nextCursor: string | null }>(
    `/api/shares/${encodeURIComponent(shareId)}/history?limit=50`,
    { everyMs },
  )
  return (
    <section aria-labelledby="history" className="grid grid-cols-1 gap-3">
      <h3 id="history" className="text-md font-semibold">
        What happened
      </h3>
      {history.error && !history.data && <ErrorState onRetry={history.reload}>{history.error}</ErrorState>}
      {!history.data && !history.error && <Skeleton className="h-40" />}
      {history.data && <Events events={history.data.items} receipts={receipts} />}
      {history.data?.nextCursor && (
        <p className="text-xs text-ink-2">The newest fifty; the rest stands in the audit log.</p>
      )}
    </section>
  )
}

function Events({ events, receipts }: { events: HistoryEvent[]; receipts: ReceiptSource }) {
  return (
    <ol className="ml-1 grid border-l border-line">
      {events.map((event) => (
        <li key={event.id} className="relative pb-4 pl-4 last:pb-0">
          <span aria-hidden className="absolute top-1.5 -left-[4.5px] size-2 rounded-full bg-line-strong" />
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
            <span className="font-medium">{eventInWords(event)}</span>
            {event.outcome !== 'allowed' && event.reason && (
              <Chip tone="stop">{plainReason(event.reason)}</Chip>
            )}
            <ProvedMark eventId={event.id} proved={event.proved} from={receipts} />
          </div>
          <p className="text-xs text-ink-2">
            {event.actorKind} <span className="mono">{event.actor.slice(0, 12)}</span> ·{' '}
            <Instant at={event.time} />
          </p>
        </li>
      ))}
    </ol>
  )
}

/** The same for its owner, asked for: most never look, and it is read from the log each time. */
export function OwnShareHistory({ shareId }: { shareId: string }) {
  const [open, setOpen] = useState(false)
  return (
    <details
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-card border border-line bg-surface px-5 py-4"
    >
      <summary className="min-h-6 font-medium">Everything that happened, with receipts</summary>
      {open && (
        <div className="pt-4">
          <ShareHistory shareId={shareId} receipts="own" everyMs={15_000} />
        </div>
      )}
    </details>
  )
}
