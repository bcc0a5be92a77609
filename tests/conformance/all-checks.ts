import type { Check } from './check.ts'
import { restChecks } from './rest-checks.ts'
import { uploadChecks } from './upload-checks.ts'

/** Everything that the contract demands of an engine, in the order in which it is run. */
export const allChecks: Check[] = [...restChecks, ...uploadChecks]
