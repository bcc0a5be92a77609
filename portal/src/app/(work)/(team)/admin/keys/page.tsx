import type { Metadata } from 'next'
import { listSigningKeys } from '#portal/modules/playback/list-signing-keys.ts'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { ask, mustBeAdmin } from '../../../../door.ts'
import { KeysBoard } from './keys-board.tsx'

export const metadata: Metadata = { title: 'Signing keys' }

export default async function KeysPage() {
  const { groups } = await mustBeAdmin()
  if (!groups.includes('security')) return <NotForThisGroup />
  const { items, rotatesAt, days } = await ask(listSigningKeys, {})
  return <KeysBoard keys={items} rotatesAt={rotatesAt} days={days} />
}

function NotForThisGroup() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Signing keys" />
      <EmptyState title="The keys are looked after by the group security">
        Somebody who belongs to it can add you.
      </EmptyState>
    </div>
  )
}
