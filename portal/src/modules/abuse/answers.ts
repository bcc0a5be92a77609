import type { AbuseAction, AbuseRuleName, AbuseRules } from './rules.ts'

export type AbuseDetection = {
  id: string
  rule: AbuseRuleName
  /** A keyed hash, which names nobody; `all` for the whole portal. */
  subject: string
  threshold: number
  enforced: boolean
  action: AbuseAction
  /** `watched`: nothing was done, by its mode. */
  status: 'running' | 'watched' | 'over' | 'let-go'
  detectedAt: string
  until: string
  refused: number
  lastRefusedAt: string | null
  letGoByName: string | null
  letGoReason: string | null
}

export type AbuseDetections = {
  items: AbuseDetection[]
  /** Of all in the span, those not listed included. */
  total: number
  running: number
}

export type AbuseRulesVersion = {
  version: number
  rules: AbuseRules
  reason: string
  /** Null for an account that is deleted. */
  setByName: string | null
  setAt: string
}
