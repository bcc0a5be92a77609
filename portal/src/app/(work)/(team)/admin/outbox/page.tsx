import type { Metadata } from 'next'
import { listOutbox } from '#portal/modules/notifications/list-outbox.ts'
import { getApp } from '#portal/platform/app.ts'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { OutboxBoard } from './outbox-board.tsx'

export const metadata: Metadata = { title: 'Mail outbox' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OutboxPage({ searchParams }: Props) {
  await mustBeAdmin()
  const cursor = oneOf((await searchParams).after)
  const { items, nextCursor } = await ask(listOutbox, { limit: 50, ...(cursor ? { cursor } : {}) })
  return <OutboxBoard mails={items} next={nextCursor} service={getApp().ports.mail.kind} />
}
