'use client'

import { useState } from 'react'
import { MetricChart } from '#portal/modules/reliability/ui/metric-chart.tsx'
import { Button } from '#portal/ui/button.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import type { LimitOverride, LimitsVersion, Throttlings } from '../answers.ts'
import type { LimitRules, RuleName } from '../rules.ts'
import { AskOverrideDialog } from './ask-override-dialog.tsx'
import { LimitVersions } from './limit-versions.tsx'
import { OverrideList } from './override-list.tsx'
import { RuleDialog } from './rule-dialog.tsx'
import { RulesTable } from './rules-table.tsx'

const REFRESH_MS = 15_000

/** What requests are limited to, what that did in the last day, and who may go beyond it for a while. */
export function LimitsDesk({
  current,
  history,
  throttlings,
  overrides,
  canSet,
  self,
}: {
  current: { version: number; rules: LimitRules; enforced: boolean }
  history: LimitsVersion[]
  throttlings: Throttlings
  overrides: LimitOverride[]
  canSet: boolean
  self: string
}) {
  const [changing, setChanging] = useState<RuleName | null>(null)
  const [asking, setAsking] = useState(false)
  const refresh = useRefresh(REFRESH_MS)
  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHead
        title="Limits of requests"
        actions={<Button onClick={() => setAsking(true)}>Ask for more…</Button>}
      >
        How often what may be asked, by whom it is counted, and what that did since yesterday. A change is in
        force at once.
      </PageHead>
      {!current.enforced && (
        <p role="status" className="rounded-control bg-warn-bg px-3 py-2.5 text-warn">
          RATE_LIMIT_ENFORCED is false: every limit is watched, none is enforced.
        </p>
      )}
      <ThrottlingChart throttlings={throttlings} />
      <RulesTable
        rules={current.rules}
        counts={throttlings.rules}
        enforced={current.enforced}
        canSet={canSet}
        onChange={setChanging}
      />
      <OverrideList overrides={overrides} decides={canSet} self={self} onDone={refresh} />
      <LimitVersions history={history} />
      <RuleDialog name={changing} current={current} onClose={() => setChanging(null)} onDone={refresh} />
      <AskOverrideDialog
        open={asking}
        path="/api/admin/limits/overrides"
        rules={current.rules}
        onClose={() => setAsking(false)}
        onDone={refresh}
      />
    </div>
  )
}

function ThrottlingChart({ throttlings: { from, until, hours } }: { throttlings: Throttlings }) {
  const series = (['refused', 'wouldRefuse'] as const).map((outcome) => ({
    metric: outcome,
    labels: {},
    points: hours.map((hour) => ({ at: hour.at, sum: hour[outcome], count: 1, p50: null, p95: null })),
  }))
  return (
    <MetricChart
      title="Throttled requests"
      about="An hour a point, since yesterday."
      view={{ range: '24h', from, until, spanSeconds: 3600, freshAt: null, objectives: [], series }}
      lines={[
        { name: 'refused', metric: 'refused', value: 'sum', gap: 'zero', look: 'stop' },
        { name: 'would have been refused', metric: 'wouldRefuse', value: 'sum', gap: 'zero', look: 'faint' },
      ]}
      figure={(value) => value.toLocaleString('en-AU')}
    />
  )
}
