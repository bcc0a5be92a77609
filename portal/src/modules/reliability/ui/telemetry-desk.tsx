'use client'

import { Chip } from '#portal/ui/chip.tsx'
import { classes } from '#portal/ui/classes.ts'
import { ErrorState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useApi } from '#portal/ui/use-api.ts'
import { bytesInWords, durationInWords, numberInWords } from '#portal/ui/words.ts'
import type { Objective, TelemetryExportView, TelemetryView } from '../answers.ts'
import { type ChartLine, latestOf, totalOf, totalsBy } from './chart-spans.ts'
import { ExportPanel } from './export-panel.tsx'
import { MetricChart } from './metric-chart.tsx'
import { RangeLinks } from './range-links.tsx'

const EVERY_MS = 10_000
const DEPTH_ALERT = 10
const FIRST_TRY = 'At the first try'

const times = (value: number) => (value < 10 ? String(Number(value.toFixed(1))) : numberInWords(value))
const took = (seconds: number) =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : durationInWords(seconds)

const line = (name: string, metric: string, more: Partial<ChartLine> = {}): ChartLine => ({
  ...{ name, metric, value: 'sum', gap: 'zero', look: 'ink' },
  ...more,
})
const quantiles = (metric: string, labels?: Record<string, string>): ChartLine[] => [
  line('p50', metric, { value: 'p50', gap: 'unknown', ...(labels ? { labels } : {}) }),
  line('p95', metric, { value: 'p95', gap: 'unknown', look: 'faint', ...(labels ? { labels } : {}) }),
]

/** What the portal counts of itself, live: uploads, webhooks, dead letters, replays, and the promises about them. */
export function TelemetryDesk({
  initial,
  exports,
  canExport,
}: {
  initial: TelemetryView
  exports: TelemetryExportView[]
  canExport: boolean
}) {
  const path = `/api/admin/telemetry?range=${initial.range}`
  const { data, error, reload } = useApi<TelemetryView>(path, { initial, everyMs: EVERY_MS })
  const view = data?.range === initial.range ? data : initial
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Metrics">
        What the portal counts of itself, at most a minute old.{' '}
        {view.freshAt ? (
          <>
            Last written down <Instant at={view.freshAt} />.
          </>
        ) : (
          'Nothing was counted yet.'
        )}
      </PageHead>
      <RangeLinks chosen={initial.range} />
      {error && <ErrorState onRetry={reload}>{error}</ErrorState>}
      <Figures view={view} />
      <Charts view={view} />
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-3">
        <Reasons view={view} title="Uploads that failed" metric="portal.upload.failed" label="reason" />
        <Reasons view={view} title="Webhooks refused" metric="portal.webhook.rejected" label="reason" />
        <Reasons view={view} title="Dead letters by cause" metric="portal.dead_letter.added" label="cause" />
      </div>
      <ExportPanel exports={exports} canExport={canExport} />
    </div>
  )
}

function Figures({ view }: { view: TelemetryView }) {
  const depth = latestOf(view, 'portal.dead_letter.depth') ?? 0
  const oldest = latestOf(view, 'portal.dead_letter.oldest_age') ?? 0
  const [firstTry, dashboards] = (['webhooks_first_try', 'dashboards_up'] as const).map((name) =>
    view.objectives.find((one) => one.name === name),
  )
  const sent = totalOf(view, 'portal.upload.received')
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Promise30 name={FIRST_TRY} about="of genuine webhooks, 30 days" objective={firstTry} />
      <Promise30 name="Dashboards up" about="of looks, 30 days" objective={dashboards} />
      <Figure name="Dead letters" about="that wait now" stop={depth >= DEPTH_ALERT}>
        {numberInWords(depth)}
      </Figure>
      <Figure name="Oldest" about="of those that wait">
        {depth > 0 ? durationInWords(oldest) : '—'}
      </Figure>
      <Figure
        name="Received"
        about={`in ${numberInWords(totalOf(view, 'portal.upload.completed'))} finished uploads`}
      >
        {bytesInWords(sent)}
      </Figure>
    </dl>
  )
}

function Promise30({
  name,
  about,
  objective,
}: {
  name: string
  about: string
  objective: Objective | undefined
}) {
  const known = objective?.ratio != null
  return (
    <Figure name={name} about={about} stop={known && !objective.holds}>
      {known ? `${(objective.ratio! * 100).toFixed(2)} %` : '—'}{' '}
      {objective && (
        <Chip tone={!known ? 'neutral' : objective.holds ? 'proof' : 'stop'}>
          {known ? (objective.holds ? 'holds' : 'broken') : 'no data'}: {objective.target * 100} %
        </Chip>
      )}
    </Figure>
  )
}

function Figure({
  name,
  about,
  stop,
  children,
}: {
  name: string
  about: string
  stop?: boolean
  children: React.ReactNode
}) {
  return (
    <div className="grid content-start gap-0.5 rounded-card border border-line bg-surface px-4 py-3">
      <dt className="text-sm text-ink-2">{name}</dt>
      <dd className={classes('mono flex flex-wrap items-center gap-2 text-lg', stop && 'text-stop')}>
        {children}
      </dd>
      <dd className="text-xs text-ink-2">{about}</dd>
    </div>
  )
}

function Charts({ view }: { view: TelemetryView }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
      <MetricChart
        title="Uploads"
        about="Begun, ready and failed, in each span."
        view={view}
        lines={[
          line('begun', 'portal.upload.initiated', { look: 'faint' }),
          line('ready', 'portal.upload.completed'),
          line('failed', 'portal.upload.failed', { look: 'stop' }),
        ]}
        figure={times}
      />
      <MetricChart
        title="From upload to ready"
        about="How long it took, of those that became ready in the span."
        view={view}
        lines={quantiles('portal.upload.duration', { phase: 'total' })}
        figure={took}
      />
      <MetricChart
        title="Webhooks"
        about="Verified, refused, and tries to apply one that failed."
        view={view}
        lines={[
          line('verified', 'portal.webhook.verified'),
          line('refused', 'portal.webhook.rejected', { look: 'faint' }),
          line('failed', 'portal.webhook.failed', { look: 'stop' }),
        ]}
        figure={times}
      />
      <MetricChart
        title="From arrival to applied"
        about="How long an event waited until it was applied."
        view={view}
        lines={quantiles('portal.webhook.apply.duration')}
        figure={took}
      />
      <MetricChart
        title="Dead letters"
        about="How many wait."
        view={view}
        lines={[line('waiting', 'portal.dead_letter.depth', { gap: 'same' })]}
        figure={times}
        threshold={{ at: DEPTH_ALERT, name: 'alert' }}
      />
      <MetricChart
        title="Replays"
        about="From the order of a replay to its end."
        view={view}
        lines={quantiles('portal.dead_letter.replay.duration')}
        figure={took}
      />
    </div>
  )
}

function Reasons({
  view,
  title,
  metric,
  label,
}: {
  view: TelemetryView
  title: string
  metric: string
  label: string
}) {
  const totals = totalsBy(view, metric, label)
  return (
    <section className="grid content-start gap-2 rounded-card border border-line bg-surface p-4">
      <h2>{title}</h2>
      {totals.length === 0 ? (
        <p className="text-sm text-ink-2">None in this time.</p>
      ) : (
        <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
          {totals.map(([name, n]) => (
            <div key={name} className="contents">
              <dt className="min-w-0 truncate">{name.replaceAll('_', ' ')}</dt>
              <dd className="mono text-right">{numberInWords(n)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
