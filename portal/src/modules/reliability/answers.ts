import type { FINDING_STATES } from './inputs.ts'

/** A run as staff see it. */
export type ReconciliationView = {
  id: string
  provider: 'engine' | 'mux'
  mode: 'dry' | 'apply'
  askedBy: string
  status: 'running' | 'held' | 'done' | 'failed' | 'superseded'
  stage: 'uploads' | 'assets' | 'videos' | 'repair' | 'over'
  /** What was looked at so far. */
  uploads: number
  assets: number
  videos: number
  /** Assets at the service that this installation did not make: they are left alone. */
  strangers: number
  findings: { kind: string; found: number; done: number }[]
  held: number
  error: string | null
  startedAt: string
  finishedAt: string | null
  decision: string | null
}

/** A difference as staff see it. */
export type FindingView = {
  id: string
  kind: string
  objectType: string
  objectId: string
  uploadId: string | null
  videoId: string | null
  shares: number
  detail: Record<string, string | string[]>
  state: (typeof FINDING_STATES)[number]
  firstSeenAt: string
  lastSeenAt: string
  run: string
  actedAt: string | null
  error: string | null
}
