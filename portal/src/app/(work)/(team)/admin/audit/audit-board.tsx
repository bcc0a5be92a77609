'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { SavedLogSearch } from '#portal/modules/audit/answers.ts'
import { type AuditItem, AuditTable } from '#portal/modules/audit/ui/audit-table.tsx'
import { EventDetail } from '#portal/modules/audit/ui/event-detail.tsx'
import { eventInWords } from '#portal/modules/audit/ui/event-words.ts'
import { LogFilters } from '#portal/modules/audit/ui/log-filters.tsx'
import { type Head, LogHead } from '#portal/modules/audit/ui/log-head.tsx'
import type { LogQuery } from '#portal/modules/audit/ui/log-query.ts'
import { SavedSearches } from '#portal/modules/audit/ui/saved-searches.tsx'
import { buttonClass } from '#portal/ui/button.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'

type BoardProps = {
  items: AuditItem[]
  unreadable: number
  next: string | null
  head: Head
  query: LogQuery
  searches: SavedLogSearch[]
}

/** Search in the log, its signed head, and each event with its receipt. */
export function AuditBoard({ items, unreadable, next, head, query, searches }: BoardProps) {
  const [open, setOpen] = useState<AuditItem | null>(null)
  const filtered = Object.keys(query).length > 0
  return (
    <div className="grid grid-cols-1 gap-4">
      <LogHead head={head} />
      <SavedSearches searches={searches} query={query} />
      <LogFilters query={query} />
      {query.about && (
        <p className="text-sm">
          About <span className="mono break-all">{query.about}</span>
        </p>
      )}
      {unreadable > 0 && (
        <p role="alert" className="rounded-control bg-stop-bg px-3 py-2 text-stop">
          {unreadable} entries on this page cannot be shown: they lie in the archive, or are damaged. The
          command audit restore brings archived ranges back; audit verify says what is damaged.
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
