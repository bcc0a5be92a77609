'use client'

import { useState } from 'react'
import { PageHead } from '#portal/ui/page-head.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import type { AbuseDetection, AbuseDetections, AbuseRulesVersion } from '../answers.ts'
import type { AbuseRuleName, AbuseRules } from '../rules.ts'
import { AbuseRuleDialog } from './abuse-rule-dialog.tsx'
import { AbuseRulesTable } from './abuse-rules-table.tsx'
import { AbuseVersions } from './abuse-versions.tsx'
import { DetectionList } from './detection-list.tsx'
import { LetGoDialog } from './let-go-dialog.tsx'

const REFRESH_MS = 10_000

/** What was detected and what is done about it, above the rules by which that happens. */
export function AbuseDesk({
  current,
  history,
  detections,
  canSet,
  canLetGo,
}: {
  current: { version: number; rules: AbuseRules; enforced: boolean }
  history: AbuseRulesVersion[]
  detections: AbuseDetections
  canSet: boolean
  canLetGo: boolean
}) {
  const [changing, setChanging] = useState<AbuseRuleName | null>(null)
  const [ending, setEnding] = useState<AbuseDetection | null>(null)
  const refresh = useRefresh(REFRESH_MS)
  return (
    <div className="grid grid-cols-1 gap-6">
      <PageHead title="Abuse">
        What looks like an attack, and what the portal does about it. No account is ever locked: whoever has
        signed in on a device before, or comes from elsewhere, gets in.
      </PageHead>
      {!current.enforced && (
        <p role="status" className="rounded-control bg-warn-bg px-3 py-2.5 text-warn">
          RATE_LIMIT_ENFORCED is false: abuse is detected, and nothing is done about it.
        </p>
      )}
      <DetectionList detections={detections} rules={current.rules} onLetGo={canLetGo ? setEnding : null} />
      <AbuseRulesTable
        rules={current.rules}
        enforced={current.enforced}
        canSet={canSet}
        onChange={setChanging}
      />
      <AbuseVersions history={history} />
      <AbuseRuleDialog name={changing} current={current} onClose={() => setChanging(null)} onDone={refresh} />
      <LetGoDialog
        detection={ending}
        title={ending && current.rules[ending.rule].title}
        onClose={() => setEnding(null)}
        onDone={refresh}
      />
    </div>
  )
}
