import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { askErasure } from './ask-erasure.ts'
import { approveErasure, declineErasure } from './decide-erasure.ts'
import { erasePerson, tendErasures } from './erasure-jobs.ts'
import { exportErasure } from './export-erasure.ts'
import { getErasure, listErasures } from './list-erasures.ts'
import { listRetention } from './list-retention.ts'
import { readInventory } from './read-inventory.ts'
import { retentionDaily, runRetention } from './run-retention.ts'

export const privacyOperations: readonly AnyOperation[] = [
  runRetention,
  listRetention,
  readInventory,
  askErasure,
  approveErasure,
  declineErasure,
  listErasures,
  getErasure,
  exportErasure,
]

export const privacyJobs: readonly AnyJob[] = [retentionDaily, erasePerson, tendErasures]
