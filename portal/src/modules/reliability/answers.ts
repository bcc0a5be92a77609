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

export const TELEMETRY_RANGES = ['1h', '24h', '7d', '30d', '180d'] as const
export type TelemetryRange = (typeof TELEMETRY_RANGES)[number]

export type TelemetryPoint = {
  /** Start of the span that the point stands for. */
  at: string
  /** Counters and histograms: what was added in the span. Gauges: the last word in it. */
  sum: number
  /** Histograms: measurements in the span. */
  count: number
  /** Histograms: estimated from the buckets, in the metric's unit; null without measurements. */
  p50: number | null
  p95: number | null
}

export type TelemetrySeries = {
  metric: string
  labels: Record<string, string>
  points: TelemetryPoint[]
}

export type TelemetryView = {
  range: TelemetryRange
  from: string
  until: string
  spanSeconds: number
  /** When a process last wrote down what it counted. */
  freshAt: string | null
  series: TelemetrySeries[]
  objectives: Objective[]
}

/** How often something went well, over thirty days, against what is promised. */
export type Objective = {
  name: 'webhooks_first_try' | 'dashboards_up'
  target: number
  good: number
  total: number
  /** Null where nothing happened. */
  ratio: number | null
  holds: boolean
}

export type TelemetryExportView = {
  id: string
  madeAt: string
  madeByName: string | null
  from: string
  until: string
  rows: number
  bytes: number
  sha256: string
  expiresAt: string
}
