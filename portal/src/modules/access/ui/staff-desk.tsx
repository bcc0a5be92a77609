'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { type GroupChange, GroupDialog, groupWords } from './group-dialog.tsx'
import { type ReviewItem, StaffReviews } from './staff-reviews.tsx'

type Staff = { id: string; name: string; email: string; groups: string[] }

/** Which administrator holds which staff group, and the quarter's review of it. */
export function StaffDesk({
  self,
  staff,
  reviews,
  grants,
}: {
  self: string
  staff: Staff[]
  reviews: ReviewItem[] | null
  grants: boolean
}) {
  const [change, setChange] = useState<GroupChange | null>(null)
  const refresh = useRefresh(20_000)
  return (
    <div className="mx-auto grid w-full max-w-[880px] grid-cols-1 gap-6">
      <PageHead title="Staff groups">
        What an administrator may decide comes by group. Nobody decides about their own.
      </PageHead>
      <section aria-labelledby="staff" className="grid grid-cols-1 gap-2">
        <h2 id="staff">Administrators</h2>
        <ul className="overflow-hidden rounded-card border border-line bg-surface">
          {staff.map((person) => (
            <li
              key={person.id}
              className="grid grid-cols-1 gap-2 border-b border-line px-4 py-3 last:border-b-0 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center"
            >
              <div className="min-w-0">
                <p className="font-medium break-words">
                  {person.name}
                  {person.id === self && <span className="font-normal text-ink-2"> (you)</span>}
                </p>
                <p className="truncate text-xs text-ink-2">{person.email}</p>
                <p className="flex flex-wrap gap-1.5 pt-1.5">
                  {person.groups.length === 0 && <span className="text-sm text-ink-2">In no group</span>}
                  {person.groups.map((group) => (
                    <Chip key={group}>{groupWords[group] ?? group}</Chip>
                  ))}
                </p>
              </div>
              {grants && person.id !== self && <GroupActs person={person} onChange={setChange} />}
            </li>
          ))}
        </ul>
        {!grants && <p className="text-sm text-ink-2">Staff of security grant groups and end them.</p>}
      </section>
      {reviews && <StaffReviews self={self} reviews={reviews} onDone={refresh} />}
      <GroupDialog change={change} onClose={() => setChange(null)} onDone={refresh} />
    </div>
  )
}

function GroupActs({ person, onChange }: { person: Staff; onChange: (change: GroupChange) => void }) {
  const missing = Object.keys(groupWords).filter((group) => !person.groups.includes(group))
  const open = (act: GroupChange['act'], groups: string[]) =>
    onChange({ act, userId: person.id, name: person.name, groups })
  return (
    <div className="flex flex-wrap gap-2">
      {missing.length > 0 && (
        <Button small onClick={() => open('grant', missing)} aria-label={`Grant a group to ${person.name}`}>
          Grant…
        </Button>
      )}
      {person.groups.length > 0 && (
        <Button
          small
          look="stop"
          onClick={() => open('end', person.groups)}
          aria-label={`End a group of ${person.name}`}
        >
          End…
        </Button>
      )}
    </div>
  )
}
