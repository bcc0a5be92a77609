import type { Metadata } from 'next'
import { changeMember } from '#portal/modules/identity/change-member.ts'
import { listInvitations, listUsers } from '#portal/modules/identity/queries.ts'
import { resetSecondFactor } from '#portal/modules/identity/remove-second-factor.ts'
import { listOrganisations } from '#portal/modules/identity/tend-organisations.ts'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { ask, mustBeAdmin, oneOf } from '../../../../door.ts'
import { PeopleBoard } from './people-board.tsx'

export const metadata: Metadata = { title: 'People' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const READING = new Set<string>(listUsers.allow.groups)
const CHANGING = new Set<string>(changeMember.allow.groups)
const RESETTING = new Set<string>(resetSecondFactor.allow.groups)

export default async function PeoplePage({ searchParams }: Props) {
  const { id, groups } = await mustBeAdmin()
  if (!groups.some((group) => READING.has(group))) return <NotForThisGroup />
  const cursor = oneOf((await searchParams).after)
  const [users, invited, organisations] = await Promise.all([
    ask(listUsers, { limit: 50, ...(cursor ? { cursor } : {}) }),
    cursor ? [] : ask(listInvitations, {}),
    ask(listOrganisations, {}),
  ])
  const powers = {
    self: id,
    changes: groups.some((group) => CHANGING.has(group)),
    resets: groups.some((group) => RESETTING.has(group)),
  }
  return (
    <PeopleBoard
      people={users.items}
      invited={invited}
      organisations={organisations}
      powers={powers}
      next={users.nextCursor}
    />
  )
}

function NotForThisGroup() {
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="People" />
      <EmptyState title="People are looked after by security, operations, compliance and support">
        Somebody in security can add you to one of these groups.
      </EmptyState>
    </div>
  )
}
