'use client'

import { useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { EmptyState, ErrorState, Skeleton, SkeletonRows } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useApi } from '#portal/ui/use-api.ts'
import { counted } from '#portal/ui/words.ts'
import type { NotWatched, ShareViewing as Viewing } from '../answers.ts'
import { HeatStrip } from './heat-strip.tsx'
import { RemindDialog } from './remind-dialog.tsx'
import { ViewerTable } from './viewer-table.tsx'
import { viewingPath } from './viewing-api.ts'
import { refusalInWords } from './viewing-words.ts'

const REFRESH_MS = 10_000

/** Who watched what of one share, who has not yet, and who was turned away. */
export function ShareViewing({ shareId, videoId }: { shareId: string; videoId: string }) {
  const { data, error, reload } = useApi<Viewing>(viewingPath(shareId), { everyMs: REFRESH_MS })
  const [reminding, setReminding] = useState<string | null>(null)
  if (!data && error) return <ErrorState onRetry={reload}>{error}</ErrorState>
  if (!data) {
    return (
      <div className="grid grid-cols-1 gap-5">
        <Skeleton className="h-[134px] rounded-control" />
        <SkeletonRows rows={4} label="Loading who watched" />
      </div>
    )
  }
  return (
    <div className="grid grid-cols-1 gap-8">
      <section aria-labelledby="watched" className="grid grid-cols-1 gap-4">
        <h2 id="watched">
          {data.viewerCount > 0
            ? `Watched by ${counted(data.viewerCount, 'person', 'people')}`
            : 'Who watched'}
        </h2>
        {!data.recorded && (
          <p className="text-ink-2">
            For this link nothing is kept of how it is watched, and viewers are told so: only that somebody
            came, and when.
          </p>
        )}
        {data.heat.length > 0 && data.durationSeconds && (
          <HeatStrip
            videoId={videoId}
            heat={data.heat}
            durationSeconds={data.durationSeconds}
            viewers={data.viewerCount}
          />
        )}
        {data.viewers.length > 0 ? (
          <ViewerTable viewers={data.viewers} />
        ) : (
          <EmptyState title="Nobody has watched yet">
            {data.notWatched.length > 0
              ? 'You can remind the people you invited, below.'
              : 'Send the link to the people who should. Here you see who came, and how much they saw.'}
          </EmptyState>
        )}
        {data.viewerCount > data.viewers.length && (
          <p className="text-sm text-ink-2">
            The {data.viewers.length} who came last; the strip is made of all of them.
          </p>
        )}
      </section>
      {data.notWatched.length > 0 && <Waiting people={data.notWatched} onRemind={setReminding} />}
      {data.refusals.length > 0 && <Refused refusals={data.refusals} />}
      <RemindDialog
        shareId={shareId}
        address={reminding}
        onClose={() => setReminding(null)}
        onReminded={reload}
      />
    </div>
  )
}

function Waiting({ people, onRemind }: { people: NotWatched[]; onRemind: (address: string) => void }) {
  return (
    <section aria-labelledby="waiting" className="grid grid-cols-1 gap-3">
      <h2 id="waiting">Invited, not watched yet</h2>
      <ul className="rounded-card border border-line bg-surface">
        {people.map((person) => (
          <li
            key={person.address}
            className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2 last:border-b-0"
          >
            <span className="min-w-0">
              <span className="block break-all">{person.address}</span>
              {person.remindedAt && (
                <span className="text-sm text-ink-2">
                  reminded <Instant at={person.remindedAt} />
                  {person.reminders > 1 && `, ${person.reminders} times in all`}
                </span>
              )}
            </span>
            <Button
              small
              disabled={!person.mayRemind}
              onClick={() => onRemind(person.address)}
              aria-label={`Remind ${person.address}`}
            >
              {person.mayRemind ? 'Remind…' : 'Reminded'}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Refused({ refusals }: { refusals: Viewing['refusals'] }) {
  return (
    <section aria-labelledby="refused" className="grid grid-cols-1 gap-3">
      <h2 id="refused">Turned away</h2>
      <ul className="grid grid-cols-1 gap-1.5 text-ink-2">
        {refusals.map(({ reason, count, lastAt }) => (
          <li key={reason}>
            <span className="text-ink">{counted(count, 'attempt')}</span> {refusalInWords(reason)}, last{' '}
            <Instant at={lastAt} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-ink-2">
        In the last 30 days. Who tried is not kept for you, and none saw anything.
      </p>
    </section>
  )
}
