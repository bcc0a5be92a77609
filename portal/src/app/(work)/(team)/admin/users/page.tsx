import type { Metadata } from 'next'
import { listInvitations, listUsers } from '#portal/modules/identity/queries.ts'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { PeopleBoard } from './people-board.tsx'

export const metadata: Metadata = { title: 'People' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function PeoplePage({ searchParams }: Props) {
  await mustBeAdmin()
  const cursor = oneOf((await searchParams).after)
  const [users, invited] = await Promise.all([
    ask(listUsers, { limit: 50, ...(cursor ? { cursor } : {}) }),
    cursor ? [] : ask(listInvitations, {}),
  ])
  return <PeopleBoard people={users.items} invited={invited} next={users.nextCursor} />
}
