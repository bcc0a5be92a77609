import type { Metadata } from 'next'
import { approveShare } from '#portal/modules/sharing/decide-share.ts'
import { adminListShares, getShare } from '#portal/modules/sharing/queries.ts'
import { statusIn } from '#portal/modules/sharing/ui/status-filters.ts'
import { ask, canReadLog, mustBeAdmin, oneOf } from '../../../../door.ts'
import { AdminShares } from './admin-shares.tsx'

export const metadata: Metadata = { title: 'All shares' }

/** Groups whose members agree to links beyond the limits. */
const DECIDING = new Set<string>(approveShare.allow.groups)

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AdminSharesPage({ searchParams }: Props) {
  const person = await mustBeAdmin()
  const search = await searchParams
  const status = statusIn(oneOf(search.status))
  const q = oneOf(search.q)?.slice(0, 100)
  const sort = search.sort === 'expires' ? 'expires' : 'created'
  const cursor = oneOf(search.after)
  const { items, nextCursor } = await ask(adminListShares, {
    sort,
    limit: 50,
    ...(status ? { status } : {}),
    ...(q ? { q } : {}),
    ...(cursor ? { cursor } : {}),
  })
  const wanted = oneOf(search.share)
  const opened =
    items.find((share) => share.id === wanted) ?? (wanted ? await ask(getShare, { id: wanted }) : null)
  return (
    <AdminShares
      shares={items}
      next={nextCursor}
      status={status}
      q={q}
      sort={sort}
      opened={opened}
      canProve={canReadLog(person)}
      canDecide={person.groups.some((group) => DECIDING.has(group))}
    />
  )
}
