'use client'

import { Button } from '#portal/ui/button.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { WebhookSummary } from '../answers.ts'
import { causeInWords } from './webhook-words.ts'

/** Dead letters, told together by why they failed: one cause is one decision. */
export function CauseCards({
  causes,
  onReplay,
}: {
  causes: WebhookSummary['causes']
  /** Null for whoever may only look. */
  onReplay: ((cause: string) => void) | null
}) {
  if (causes.length === 0)
    return (
      <EmptyState title="No dead letters">
        Whatever the video service told was applied, or soon will be.
      </EmptyState>
    )
  return (
    <ul className="grid grid-cols-1 gap-3 xl:grid-cols-2">
      {causes.map(({ cause, letters, error, oldestAt, nextTryAt, replaying }) => {
        const { title, advice } = causeInWords(cause)
        return (
          <li
            key={cause}
            className="grid grid-cols-1 content-start gap-2 rounded-card border border-line bg-surface p-4"
          >
            <div className="flex flex-wrap items-baseline justify-between gap-2">
              <h3 className="text-md font-semibold">{title}</h3>
              <span className="mono text-ink-2">{counted(letters, 'letter')}</span>
            </div>
            {error && <p className="mono text-sm break-words text-ink-2">{error}</p>}
            <p className="text-sm text-ink-2">
              {advice}
              {oldestAt && (
                <>
                  {' '}
                  Oldest <Instant at={oldestAt} />.
                </>
              )}
              {nextTryAt && (
                <>
                  {' '}
                  Next by the schedule <Instant at={nextTryAt} />.
                </>
              )}
            </p>
            {onReplay && (
              <div>
                <Button small onClick={() => onReplay(cause)} disabled={replaying === letters}>
                  {replaying === letters ? 'Being replayed' : 'Replay these…'}
                </Button>
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
