import type { Metadata } from 'next'
import { listExtensions } from '#portal/modules/sharing/decide-extension.ts'
import { approveRevocation } from '#portal/modules/sharing/decide-revocation.ts'
import { listRevocations } from '#portal/modules/sharing/list-revocations.ts'
import { adminListShares } from '#portal/modules/sharing/queries.ts'
import { ask, mustHaveShareUi } from '../../../../door.ts'
import { ApprovalsBoard } from './approvals-board.tsx'

export const metadata: Metadata = { title: 'Approvals' }

const DECIDING = new Set<string>(approveRevocation.allow.groups)

export default async function ApprovalsPage() {
  const person = await mustHaveShareUi()
  const canDecide = person.groups.some((group) => DECIDING.has(group))
  const [open, all, shares, extensions] = await Promise.all([
    ask(listRevocations, { state: 'open', limit: 100 }),
    ask(listRevocations, { state: 'all', limit: 20 }),
    ask(adminListShares, { status: 'pending_approval', limit: 50 }),
    canDecide ? ask(listExtensions, {}) : { items: [] },
  ])
  const waiting = new Set(open.items.map(({ id }) => id))
  return (
    <ApprovalsBoard
      waiting={open.items}
      decided={all.items.filter(({ id }) => !waiting.has(id))}
      shares={shares.items}
      extensions={extensions.items}
      canDecide={canDecide}
    />
  )
}
