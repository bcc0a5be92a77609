'use client'

import { Instant } from '#portal/ui/time.tsx'
import { numberInWords } from '#portal/ui/words.ts'
import type { RejectionTotals, RejectionView } from '../answers.ts'
import { rejectionInWords } from './webhook-words.ts'

/** What did not verify: counted to the last, never replayed, metadata alone. */
export function RefusedSection({ totals, newest }: { totals: RejectionTotals; newest: RejectionView[] }) {
  return (
    <section aria-labelledby="refused" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="refused">Refused</h2>
        <p className="text-ink-2">
          Requests that did not verify. They are counted to the last and never replayed; nothing of what they
          said is kept.
        </p>
      </div>
      {totals.reasons.length === 0 ? (
        <p className="rounded-card border border-line bg-surface px-4 py-3 text-ink-2">None so far.</p>
      ) : (
        <ul className="grid grid-cols-1 gap-x-8 rounded-card border border-line bg-surface sm:grid-cols-2">
          {totals.reasons.map(({ reason, total, lastDay, lastAt }) => (
            <li key={reason} className="flex flex-wrap items-baseline justify-between gap-x-3 px-4 py-2.5">
              <span className="font-medium">{rejectionInWords(reason)}</span>
              <span className="mono">{numberInWords(total)}</span>
              <span className="basis-full text-sm text-ink-2">
                {numberInWords(lastDay)} in 24 hours, last <Instant at={lastAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {newest.length > 0 && (
        <details className="rounded-card border border-line bg-surface px-4 py-3">
          <summary className="cursor-pointer font-medium max-sm:min-h-11">The newest of them</summary>
          <ul className="mt-2 grid grid-cols-1 gap-1.5 text-sm text-ink-2">
            {newest.map((one) => (
              <li key={one.id} className="flex flex-wrap gap-x-3">
                <Instant at={one.receivedAt} />
                <span>{rejectionInWords(one.reason)}</span>
                <span>{numberInWords(one.bodyBytes)} bytes</span>
                <span className="mono break-all">{one.requestId}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
