import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { watchLateEventsJob } from '../telemetry/watch-late-events.ts'
import { watchNoticesJob } from '../telemetry/watch-notices.ts'
import { exportFindings } from './export-findings.ts'
import { getReconciliation, listFindings, listReconciliations } from './list-reconciliations.ts'
import { reconcileDaily, watchReconciliation } from './reconcile-daily.ts'
import { reconcileStep } from './reconcile-step.ts'
import { decideReconciliation, startReconciliation } from './start-reconciliation.ts'

/** Comparing with the video service, as the registry lists it. */
export const reconciliationOperations: readonly AnyOperation[] = [
  startReconciliation,
  decideReconciliation,
  listReconciliations,
  getReconciliation,
  listFindings,
  exportFindings,
]

export const reconciliationJobs: readonly AnyJob[] = [
  reconcileDaily,
  reconcileStep,
  watchReconciliation,
  watchLateEventsJob,
  watchNoticesJob,
]
