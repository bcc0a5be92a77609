'use client'

import { useState } from 'react'
import type { HistoryEvent } from '#portal/modules/audit/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState, ErrorState, Skeleton } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useApi } from '#portal/ui/use-api.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { eventInWords, plainReason } from './event-words.ts'
import { ProvedMark, type ReceiptSource } from './proved-mark.tsx'

type Page = { items: HistoryEvent[]; nextCursor: string | null }

type Props = {
  /** A path of the API that answers events, newest first. */
  path: string
  /** where its reader may take receipts from */
  receipts: ReceiptSource
  everyMs: number
}

/** What happened to one thing, newest first, each event with its proof. */
export function History({ path, receipts, everyMs }: Props) {
  const [older, setOlder] = useState<Page | null>(null)
  const { busy, error, send } = useSend()
  // What was added at the top would leave a gap before what is shown below.
  const history = useApi<Page>(`${path}?limit=50`, { everyMs: older ? false : everyMs })
  const next = (older ?? history.data)?.nextCursor
  const more = (cursor: string) =>
    void send(async () => {
      const page = await api<Page>(`${path}?${new URLSearchParams({ limit: '50', cursor })}`)
      setOlder({ ...page, items: [...(older?.items ?? []), ...page.items] })
    })
  return (
    <>
      {history.error && !history.data && <ErrorState onRetry={history.reload}>{history.error}</ErrorState>}
      {!history.data && !history.error && <Skeleton className="h-40" />}
      {history.data?.items.length === 0 && <EmptyState title="Nothing happened yet" />}
      {history.data && (
        <Events events={[...history.data.items, ...(older?.items ?? [])]} receipts={receipts} />
      )}
      <FormError>{error}</FormError>
      {next && (
        <Button small disabled={busy} onClick={() => more(next)} className="justify-self-start">
          Older events
        </Button>
      )}
    </>
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
            {event.archived ? 'in the archive' : event.actorKind}{' '}
            <span className="mono">{event.actor.slice(0, 12)}</span> · <Instant at={event.time} />
          </p>
        </li>
      ))}
    </ol>
  )
}

/** The same for those whom it concerns, asked for: most never look, and it is read from the log each time. */
export function OwnHistory({
  path,
  about,
  receipts = 'own',
}: {
  path: string
  about?: string
  receipts?: ReceiptSource
}) {
  const [open, setOpen] = useState(false)
  return (
    <details
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-card border border-line bg-surface px-5 py-4"
    >
      <summary className="min-h-6 font-medium max-sm:min-h-11 max-sm:content-center">
        Everything that happened, with receipts
        {about && <span className="sr-only">: {about}</span>}
      </summary>
      {open && (
        <div className="grid grid-cols-1 gap-3 pt-4">
          <History path={path} receipts={receipts} everyMs={15_000} />
        </div>
      )}
    </details>
  )
}
