'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import { type Grant, GrantDecisionDialog } from './grant-decision-dialog.tsx'
import { groupWords } from './group-dialog.tsx'

type GrantItem = {
  userId: string
  name: string | null
  group: string
  decision: 'keep' | 'revoke' | null
  evidence: string | null
  decidedByName: string | null
  decidedAt: string | null
}

export type ReviewItem = {
  id: string
  quarter: string
  dueAt: string
  overdue: boolean
  closedAt: string | null
  items: GrantItem[]
}

/** The quarterly reviews: each grant is kept or ended by somebody else, on evidence. */
export function StaffReviews({
  self,
  reviews,
  onDone,
}: {
  self: string
  reviews: ReviewItem[]
  onDone: () => void
}) {
  const [deciding, setDeciding] = useState<Grant | null>(null)
  return (
    <section aria-labelledby="reviews" className="grid grid-cols-1 gap-3">
      <h2 id="reviews">Quarterly reviews</h2>
      {reviews.length === 0 && (
        <EmptyState title="No review yet">
          The first opens by itself within a day, with 30 days to finish.
        </EmptyState>
      )}
      {reviews.map((review) => (
        <article
          key={review.id}
          aria-labelledby={review.id}
          className="overflow-hidden rounded-card border border-line bg-surface"
        >
          <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-3">
            <h3 id={review.id} className="text-md font-semibold">
              {review.quarter.replace('-', ' ')}
            </h3>
            <ReviewState review={review} />
          </header>
          <ul>
            {review.items.map((item) => (
              <GrantRow
                key={`${item.userId} ${item.group}`}
                item={item}
                own={item.userId === self}
                onDecide={() => setDeciding({ reviewId: review.id, ...item })}
              />
            ))}
          </ul>
        </article>
      ))}
      <GrantDecisionDialog grant={deciding} onClose={() => setDeciding(null)} onDone={onDone} />
    </section>
  )
}

function ReviewState({ review: { closedAt, overdue, dueAt, items } }: { review: ReviewItem }) {
  const open = items.filter(({ decision }) => decision === null).length
  return (
    <>
      {closedAt && <Chip tone="proof">Closed</Chip>}
      {!closedAt && (overdue ? <Chip tone="stop">Overdue</Chip> : <Chip tone="warn">Open</Chip>)}
      <span className="text-sm text-ink-2">
        {closedAt ? 'closed ' : `${counted(open, 'grant')} to decide, due `}
        <Instant at={closedAt ?? dueAt} />
      </span>
    </>
  )
}

function GrantRow({ item, own, onDecide }: { item: GrantItem; own: boolean; onDecide: () => void }) {
  const name = item.name ?? 'No administrator any more'
  const group = groupWords[item.group] ?? item.group
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium break-words">
          {name}: {group}
        </p>
        {item.decision && (
          <p className="text-xs break-words text-ink-2">
            {item.evidence}
            {item.decidedByName && ` · ${item.decidedByName}`}
            {item.decidedAt && (
              <>
                , <Instant at={item.decidedAt} />
              </>
            )}
          </p>
        )}
      </div>
      {item.decision && (
        <Chip tone={item.decision === 'keep' ? 'neutral' : 'stop'}>
          {item.decision === 'keep' ? 'Kept' : 'Ended'}
        </Chip>
      )}
      {!item.decision && own && <span className="text-sm text-ink-2">Somebody else decides</span>}
      {!item.decision && !own && (
        <Button small onClick={onDecide} aria-label={`Decide: ${name}, ${group}`}>
          Decide…
        </Button>
      )}
    </li>
  )
}
