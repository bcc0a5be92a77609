import { Instant } from '#portal/ui/time.tsx'
import type { BudgetStep } from '../rules.ts'

/** Stands above every page while the budget takes something away. */
export function BudgetBanner({ step, until }: { step: BudgetStep; until: string }) {
  return (
    <p role="status" className="mb-5 rounded-control bg-warn-bg px-3 py-2 text-sm text-warn">
      {step.newShares ? 'Nine tenths of the budget are used up' : 'The budget is used up'}: of uploads{' '}
      {step.uploadPercent} % of the usual number go through, videos play in at most {step.maxResolution}
      {!step.newShares && ', and no new links are made'}. It ends by itself, at the latest{' '}
      <Instant at={until} />.
    </p>
  )
}
