import type { LimitClass, LimitRules, LimitSubject, RuleName } from './rules.ts'

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

/** Where somebody stands with a limit that is counted by them or by their organisation. */
export type OwnStanding = {
  rule: RuleName
  class: LimitClass
  by: LimitSubject
  /** At once; so many come back in the window. */
  limit: number
  windowSeconds: number
  used: number
  /** When the next is taken again, where none is now. */
  nextAt: string | null
  /** When nothing is used any more; null where nothing is. */
  freeAt: string | null
  /** Until when more was agreed to; null where nothing was. `used` counts from when that began. */
  raisedUntil: string | null
}
