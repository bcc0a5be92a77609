import type { Metadata } from 'next'
import { listOutbox } from '#portal/modules/notifications/list-outbox.ts'
import { getApp } from '#portal/platform/app.ts'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { OutboxBoard } from './outbox-board.tsx'

export const metadata: Metadata = { title: 'Mail outbox' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OutboxPage({ searchParams }: Props) {
  const { groups } = await mustBeAdmin()
  if (!groups.includes('operations')) return <NotForThisGroup />
  const cursor = oneOf((await searchParams).after)
  const { items, nextCursor } = await ask(listOutbox, { limit: 50, ...(cursor ? { cursor } : {}) })
  return <OutboxBoard mails={items} next={nextCursor} service={getApp().ports.mail.kind} />
}

function NotForThisGroup() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Mail outbox" />
      <EmptyState title="Mails are read by the group operations">
        They hold links and codes of their readers. Somebody who belongs to it can add you.
      </EmptyState>
    </div>
  )
}
