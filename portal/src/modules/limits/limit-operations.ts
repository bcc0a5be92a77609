import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { askOverride } from './ask-override.ts'
import { approveOverride, declineOverride, endOverride } from './decide-override.ts'
import { listOverrides, listOwnOverrides } from './list-overrides.ts'
import { listThrottlings } from './list-throttlings.ts'
import { getOwnStanding } from './own-standing.ts'
import { getBudgetLevel, setBudgetLevel } from './set-budget-level.ts'
import { getLimits, listLimitVersions, setLimits } from './set-limits.ts'
import { watchThrottling } from './watch-throttling.ts'

/** Everything this module can do. */
export const limitOperations: readonly AnyOperation[] = [
  getLimits,
  listLimitVersions,
  setLimits,
  listThrottlings,
  askOverride,
  approveOverride,
  declineOverride,
  endOverride,
  listOverrides,
  listOwnOverrides,
  getOwnStanding,
  getBudgetLevel,
  setBudgetLevel,
]

export const limitJobs: readonly AnyJob[] = [watchThrottling]
