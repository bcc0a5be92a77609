import type { EventState, OUTCOMES } from './rules.ts'

/** One event of the video service, and what became of it. */
export type WebhookView = {
  id: string
  type: string
  objectType: string
  objectId: string
  state: EventState
  /** Put in by a comparison with the service, where the event never came. */
  synthetic: boolean
  occurredAt: string
  receivedAt: string
  receivedCount: number
  appliedAt: string | null
  outcome: (typeof OUTCOMES)[number] | null
  attempts: number
  cause: string | null
  lastError: string | null
  lastTriedAt: string | null
  nextTryAt: string | null
  diedAt: string | null
  /** The replay that has it in hand. */
  replayId: string | null
}

export type WebhookTry = {
  number: number
  origin: 'delivery' | 'schedule' | 'person' | 'command'
  at: string
  outcome: 'failed' | 'applied'
  cause: string | null
  error: string | null
  nextStep: string
  replayId: string | null
}

/** Newest try first. */
export type WebhookDetail = WebhookView & {
  payload: Record<string, unknown>
  discardReason: string | null
  discardedAt: string | null
  tries: WebhookTry[]
}

export type RejectionView = {
  id: string
  reason: string
  bodyBytes: number
  requestId: string
  receivedAt: string
}

export type RejectionTotals = {
  total: number
  reasons: { reason: string; total: number; lastDay: number; lastAt: string }[]
}

export type ReplayProgress = {
  id: string
  status: 'running' | 'done'
  /** Letters that it tries, each once. */
  found: number
  applied: number
  failed: number
}

export type ReplayView = ReplayProgress & {
  origin: 'schedule' | 'person' | 'command'
  askedAt: string
  finishedAt: string | null
}

export type ReplayPlan = {
  dryRun: true
  /** Dead letters that would be tried, and uploads that would be looked at. */
  found: number
  objects: number
  causes: { cause: string; letters: number }[]
  /** The first of them. */
  letters: { id: string; type: string; objectId: string; cause: string | null; attempts: number }[]
}

export type WebhookSummary = {
  states: Record<EventState, number>
  /** Of dead letters. */
  causes: {
    cause: string
    letters: number
    replaying: number
    /** One of their errors. */
    error: string | null
    oldestAt: string | null
    nextTryAt: string | null
  }[]
  /** Genuine webhooks of 24 hours, and those that were applied at the first try. */
  lastDay: { events: number; firstTry: number }
  rejected: RejectionTotals
  kinds: { kind: string; firstSeenAt: string; eventId: string }[]
}
