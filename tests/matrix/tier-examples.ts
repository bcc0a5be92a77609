import { type Example, unconditional } from './example.ts'

/** Tiers of the audit log. */
export const TIER_EXAMPLES: Record<string, Example> = {
  'audit.tend': unconditional(),
}
