import type { LimitClass, LimitRules, RuleName } from './rules.ts'

export type LimitsVersion = {
  version: number
  rules: LimitRules
  reason: string
  /** Null for an account that is deleted. */
  setByName: string | null
  setAt: string
}

export type LimitOverride = {
  id: string
  class: LimitClass
  subject: { kind: 'user' | 'organisation' | 'share'; id: string; name: string | null }
  quota: number
  reason: string
  /** `lapsed`: nobody decided in its time. */
  status: 'pending' | 'running' | 'declined' | 'ended' | 'expired' | 'lapsed'
  askedBy: string
  askedByName: string | null
  askedAt: string
  expiresAt: string
  decidedByName: string | null
}

/** What a rule judged in a span: what went through, what it refused, and what it would have refused. */
export type RuleCount = { rule: RuleName; admitted: number; refused: number; wouldRefuse: number }

export type Throttlings = {
  from: string
  until: string
  /** An hour a point, oldest first. */
  hours: { at: string; admitted: number; refused: number; wouldRefuse: number }[]
  rules: RuleCount[]
  /** Who was refused most: keyed hashes, which name nobody. */
  worst: {
    rule: RuleName
    identity: string
    enforced: boolean
    reason: string
    count: number
    lastAt: string
  }[]
}
