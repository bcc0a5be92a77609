import type { LimitRules } from './rules.ts'

export type LimitsVersion = {
  version: number
  rules: LimitRules
  reason: string
  /** Null for an account that is deleted. */
  setByName: string | null
  setAt: string
}
