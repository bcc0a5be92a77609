'use client'

import { Download } from 'lucide-react'
import { useState } from 'react'
import type { LogReview, LogReviewItem } from '#portal/modules/audit/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Choice } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { ReasonArea, SendDialog } from '#portal/ui/send-form.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

type Deciding = { reviewId: string; item: LogReviewItem }

/** Each quarter: every grant to read the log is judged by somebody else, on evidence. */
export function ReviewDesk({ self, reviews }: { self: string; reviews: LogReview[] }) {
  const [deciding, setDeciding] = useState<Deciding | null>(null)
  const refresh = useRefresh(20_000)
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="max-w-[64ch] text-ink-2">
        Once a quarter, somebody other than the reader judges each grant to read the log. Whoever is removed
        can read no more, at once.
      </p>
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
          <ReviewHead review={review} />
          <ul>
            {review.items.map((item) => (
              <ReviewRow
                key={item.grantId}
                item={item}
                own={item.userId === self}
                onDecide={() => setDeciding({ reviewId: review.id, item })}
              />
            ))}
          </ul>
          {review.items.length === 0 && <p className="px-4 py-3 text-ink-2">Nobody could read the log.</p>}
        </article>
      ))}
      <DecisionDialog deciding={deciding} onClose={() => setDeciding(null)} onDone={refresh} />
    </div>
  )
}

function ReviewHead({ review: { id, quarter, closedAt, overdue, dueAt, items } }: { review: LogReview }) {
  const open = items.filter(({ decision }) => decision === null).length
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-3">
      <h2 id={id} className="text-md font-semibold">
        {quarter.replace('-', ' ')}
      </h2>
      {closedAt && <Chip tone="proof">Closed</Chip>}
      {!closedAt && <Chip tone={overdue ? 'stop' : 'warn'}>{overdue ? 'Overdue' : 'Open'}</Chip>}
      <span className="text-sm text-ink-2">
        {closedAt ? 'closed ' : `${counted(open, 'grant')} to decide, due `}
        <Instant at={closedAt ?? dueAt} />
      </span>
      <a
        href={`/api/admin/audit/reviews/${id}/export`}
        download
        className={`${buttonClass('plain', true)} ml-auto`}
      >
        <Download size={15} aria-hidden />
        Evidence<span className="sr-only"> of {quarter}, as CSV</span>
      </a>
    </header>
  )
}

function ReviewRow({ item, own, onDecide }: { item: LogReviewItem; own: boolean; onDecide: () => void }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium break-words">
          {item.name}
          <span className="font-normal text-ink-2">
            {' '}
            · {counted(item.reads, 'look')} · <Instant at={item.from} /> to <Instant at={item.until} />
          </span>
        </p>
        <p className="text-xs break-words text-ink-2">{item.reason}</p>
        {item.decision && (
          <p className="text-xs break-words text-ink-2">
            Evidence: {item.evidence}
            {item.decidedBy && ` · ${item.decidedBy}`}
          </p>
        )}
      </div>
      {item.running && !item.decision && <Chip live>May read now</Chip>}
      {item.decision && (
        <Chip tone={item.decision === 'keep' ? 'neutral' : 'stop'}>
          {item.decision === 'keep' ? 'Kept' : 'Removed'}
        </Chip>
      )}
      {!item.decision && own && <span className="text-sm text-ink-2">Somebody else decides</span>}
      {!item.decision && !own && (
        <Button small onClick={onDecide} aria-label={`Decide: ${item.name}`}>
          Decide…
        </Button>
      )}
    </li>
  )
}

function DecisionDialog({
  deciding,
  onClose,
  onDone,
}: {
  deciding: Deciding | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendDialog
      open={deciding}
      title={deciding && `${deciding.item.name} and the log`}
      act="Decide"
      {...{ onClose, onDone }}
      send={(text, { reviewId, item }) =>
        api(`/api/admin/audit/reviews/${reviewId}`, {
          method: 'POST',
          body: { grantId: item.grantId, decision: text('decision'), evidence: text('evidence') },
        })
      }
    >
      {(faults, { item }) => (
        <>
          <p className="break-words text-ink-2">
            {counted(item.reads, 'look')}, asked for with this reason: {item.reason}
          </p>
          <Choice label="Decision" name="decision" error={faults.decision}>
            <option value="keep">{item.running ? 'Keep: they still need it' : 'Right: it was needed'}</option>
            <option value="remove">
              {item.running ? 'Remove: they read no more, at once' : 'Not right: it was not needed'}
            </option>
          </Choice>
          <ReasonArea
            label="Evidence"
            name="evidence"
            hint="Who confirmed the need, or where it is written."
            error={faults.evidence}
          />
        </>
      )}
    </SendDialog>
  )
}
