import type { Metadata } from 'next'
import { listOverrides } from '#portal/modules/limits/list-overrides.ts'
import { listThrottlings } from '#portal/modules/limits/list-throttlings.ts'
import { getLimits, listLimitVersions, setLimits } from '#portal/modules/limits/set-limits.ts'
import { LimitsDesk } from '#portal/modules/limits/ui/limits-desk.tsx'
import { ask, mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Limits of requests' }

const SETTING = new Set<string>(setLimits.allow.groups)

export default async function RequestLimitsPage() {
  const { id, groups } = await mustBeAdmin()
  const [current, history, throttlings, overrides] = await Promise.all([
    ask(getLimits, {}),
    ask(listLimitVersions, {}),
    ask(listThrottlings, {}),
    ask(listOverrides, {}),
  ])
  return (
    <LimitsDesk
      {...{ current, throttlings }}
      history={history.items}
      overrides={overrides.items}
      canSet={groups.some((group) => SETTING.has(group))}
      self={id}
    />
  )
}
