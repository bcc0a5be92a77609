'use client'

import Link from 'next/link'
import { useState } from 'react'
import { type AuditItem, AuditTable } from '#portal/modules/audit/ui/audit-table.tsx'
import { EventDetail } from '#portal/modules/audit/ui/event-detail.tsx'
import { eventInWords } from '#portal/modules/audit/ui/event-words.ts'
import { type Head, LogHead } from '#portal/modules/audit/ui/log-head.tsx'
import { buttonClass } from '#portal/ui/button.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { SearchBox } from '#portal/ui/search-box.tsx'

const areas = [
  { value: 'share', label: 'Shares' },
  { value: 'playback', label: 'Playback' },
  { value: 'video', label: 'Videos' },
  { value: 'upload', label: 'Uploads' },
  { value: 'user', label: 'People' },
  { value: 'audit', label: 'The log itself' },
]
const outcomes = [
  { value: 'allowed', label: 'Allowed' },
  { value: 'refused', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
]

type BoardProps = {
  items: AuditItem[]
  unreadable: number
  next: string | null
  head: Head
  area?: string
  outcome?: string
  about?: string
}

/** Search in the log, its signed head, and each event with its receipt. */
export function AuditBoard({ items, unreadable, next, head, area, outcome, about }: BoardProps) {
  const [open, setOpen] = useState<AuditItem | null>(null)
  const filtered = Boolean(area || outcome || about)
  return (
    <div className="grid grid-cols-1 gap-4">
      <LogHead head={head} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <SearchBox name="about" label="ID of a share, video, person" value={about} />
        <FilterChips label="Outcome" name="outcome" chosen={outcome} choices={outcomes} />
      </div>
      <FilterChips label="Area" name="area" chosen={area} choices={areas} />
      {unreadable > 0 && (
        <p role="alert" className="rounded-control bg-stop-bg px-3 py-2 text-stop">
          {unreadable} entries on this page are damaged. Run the command audit verify: it says which and since
          when.
        </p>
      )}
      {items.length === 0 ? (
        <EmptyState
          title={filtered ? 'No event is like this' : 'No events yet'}
          action={
            filtered && (
              <Link href="/admin/audit" className={buttonClass('plain')}>
                Show all events
              </Link>
            )
          }
        />
      ) : (
        <div className="overflow-hidden rounded-card border border-line bg-surface">
          <AuditTable items={items} selected={open?.id ?? null} onSelect={setOpen} />
        </div>
      )}
      <PageLinks next={next} />
      <Dialog
        shape="drawer"
        open={open !== null}
        onClose={() => setOpen(null)}
        title={open ? eventInWords(open) : ''}
      >
        {open && <EventDetail item={open} />}
      </Dialog>
    </div>
  )
}
