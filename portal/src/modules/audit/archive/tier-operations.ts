import type { AnyJob } from '#portal/platform/job.ts'
import type { AnyOperation } from '#portal/platform/operation.ts'
import { listArchive } from './list-archive.ts'
import { measureSizes } from './measure-sizes.ts'
import { readTiers } from './read-tiers.ts'
import { drillArchive, restoreRange } from './restore-range.ts'
import { tendTiers, tendTiersHourly } from './tend-tiers.ts'

export const auditTierOperations: readonly AnyOperation[] = [tendTiers, readTiers, listArchive, restoreRange]

export const auditTierJobs: readonly AnyJob[] = [tendTiersHourly, drillArchive, measureSizes]
