import type { Metadata } from 'next'
import { getShareLimits, listShareLimits, setShareLimits } from '#portal/modules/sharing/set-share-limits.ts'
import { ask, mustBeAdmin } from '../../../../door.ts'
import { LimitsBoard } from './limits-board.tsx'

export const metadata: Metadata = { title: 'Limits of links' }

const SETTING = new Set<string>(setShareLimits.allow.groups)

export default async function LimitsPage() {
  const { groups } = await mustBeAdmin()
  const [current, history] = await Promise.all([ask(getShareLimits, {}), ask(listShareLimits, {})])
  return (
    <LimitsBoard
      key={current.version}
      current={current}
      history={history.items}
      canSet={groups.some((group) => SETTING.has(group))}
    />
  )
}
