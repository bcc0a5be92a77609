import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { tendTiers, tendTiersHourly } from './tend-tiers.ts'

export const auditTierOperations: readonly AnyOperation[] = [tendTiers]

export const auditTierJobs: readonly AnyJob[] = [tendTiersHourly]
