import type { Metadata } from 'next'
import { letGo } from '#portal/modules/abuse/let-go.ts'
import { listDetections } from '#portal/modules/abuse/list-detections.ts'
import { getAbuseRules, listAbuseVersions, setAbuseRules } from '#portal/modules/abuse/set-abuse-rules.ts'
import { AbuseDesk } from '#portal/modules/abuse/ui/abuse-desk.tsx'
import { ask, mustBeAdmin } from '../../../../../door.ts'

export const metadata: Metadata = { title: 'Abuse' }

const SETTING = new Set<string>(setAbuseRules.allow.groups)
const LETTING_GO = new Set<string>(letGo.allow.groups)

export default async function AbusePage() {
  const { groups } = await mustBeAdmin()
  const [current, history, detections] = await Promise.all([
    ask(getAbuseRules, {}),
    ask(listAbuseVersions, {}),
    ask(listDetections, {}),
  ])
  return (
    <AbuseDesk
      {...{ current, detections }}
      history={history.items}
      canSet={groups.some((group) => SETTING.has(group))}
      canLetGo={groups.some((group) => LETTING_GO.has(group))}
    />
  )
}
