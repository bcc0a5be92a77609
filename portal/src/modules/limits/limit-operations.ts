import type { AnyOperation } from '#portal/platform/operation.ts'
import { getLimits, listLimitVersions, setLimits } from './set-limits.ts'

/** Everything this module can do. */
export const limitOperations: readonly AnyOperation[] = [getLimits, listLimitVersions, setLimits]
