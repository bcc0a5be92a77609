import type { Metadata } from 'next'
import {
  listFindings,
  listReconciliations,
} from '#portal/modules/reliability/comparison/list-reconciliations.ts'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { ReconciliationBoard } from './reconciliation-board.tsx'

export const metadata: Metadata = { title: 'Comparison' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function ReconciliationPage({ searchParams }: Props) {
  const person = await mustBeAdmin()
  const query = await searchParams
  const state = oneOf(query.state) ?? 'all'
  const cursor = oneOf(query.after)
  const [runs, findings] = await Promise.all([
    ask(listReconciliations, { limit: 1 }),
    ask(listFindings, { state, ...(cursor ? { cursor } : {}) }),
  ])
  const mayDecide = person.groups.includes('operations') || person.groups.includes('security')
  const [run = null] = runs.items
  return <ReconciliationBoard {...{ run, findings, state, mayDecide }} />
}
