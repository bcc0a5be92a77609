import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { detectAbuse } from './detect-abuse.ts'
import { letGo } from './let-go.ts'
import { listDetections } from './list-detections.ts'
import { getAbuseRules, listAbuseVersions, setAbuseRules } from './set-abuse-rules.ts'
import { tendSignals } from './tend-signals.ts'

/** Everything this module can do. */
export const abuseOperations: readonly AnyOperation[] = [
  getAbuseRules,
  listAbuseVersions,
  setAbuseRules,
  listDetections,
  letGo,
  detectAbuse,
]

export const abuseJobs: readonly AnyJob[] = [tendSignals]
