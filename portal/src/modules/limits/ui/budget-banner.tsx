import { Instant } from '#portal/ui/time.tsx'
import type { BudgetStep } from '../rules.ts'

/** Stands above every page while the budget takes something away. */
export function BudgetBanner({ step, until }: { step: BudgetStep; until: string }) {
  return (
    <p role="status" className="mb-5 rounded-control bg-warn-bg px-3 py-2.5 text-warn">
      <strong className="font-semibold">
        {step.newShares ? 'Nine tenths of the budget are used up.' : 'The budget is used up.'}
      </strong>{' '}
      {!step.newShares && 'No new links are made; those that exist go on. '}
      Of the usual uploads {step.uploadPercent} % go through, and videos play in {step.maxResolution} at most.
      This ends by itself, at the latest <Instant at={until} />.
    </p>
  )
}
