'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { SavedLogSearch } from '#portal/modules/audit/answers.ts'
import { type AuditRow, AuditTable, type OpenItem, titleOf } from '#portal/modules/audit/ui/audit-table.tsx'
import { EventDetail } from '#portal/modules/audit/ui/event-detail.tsx'
import { LogFilters } from '#portal/modules/audit/ui/log-filters.tsx'
import { type Head, LogHead } from '#portal/modules/audit/ui/log-head.tsx'
import type { LogQuery } from '#portal/modules/audit/ui/log-query.ts'
import { SavedSearches } from '#portal/modules/audit/ui/saved-searches.tsx'
import { buttonClass } from '#portal/ui/button.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { counted } from '#portal/ui/words.ts'

type BoardProps = {
  items: AuditRow[]
  next: string | null
  head: Head
  query: LogQuery
  searches: SavedLogSearch[]
}

/** Search in the log, its signed head, and each event with its receipt. */
export function AuditBoard({ items, next, head, query, searches }: BoardProps) {
  const [open, setOpen] = useState<OpenItem | null>(null)
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
      <MissingTexts items={items} />
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
        title={open ? titleOf(open) : ''}
      >
        {open && <EventDetail item={open} />}
      </Dialog>
    </div>
  )
}

function MissingTexts({ items }: { items: AuditRow[] }) {
  const of = (why: 'archived' | 'damaged') => items.filter((item) => item.missing === why).length
  const [archived, damaged] = [of('archived'), of('damaged')]
  return (
    <>
      {archived > 0 && (
        <p className="text-sm text-ink-2">
          {counted(archived, 'event')} on this page {archived === 1 ? 'lies' : 'lie'} in the archive: shown is
          what {archived === 1 ? 'it is' : 'they are'} found by. What is found, saved as a file, has{' '}
          {archived === 1 ? 'its' : 'their'} text and proof too.
        </p>
      )}
      {damaged > 0 && (
        <p role="alert" className="rounded-control bg-stop-bg px-3 py-2 text-stop">
          {counted(damaged, 'entry', 'entries')} on this page cannot be read as an event. The command{' '}
          <code className="mono">npm run portal -- audit verify</code> says what is damaged.
        </p>
      )}
    </>
  )
}
