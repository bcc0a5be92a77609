import type { Metadata } from 'next'
import { summariseShareViewing } from '#portal/modules/analytics/summarise-viewing.ts'
import { listShares } from '#portal/modules/sharing/queries.ts'
import { statusIn } from '#portal/modules/sharing/ui/status-filters.ts'
import { ask, mustBeSignedIn, oneOf } from '../../../door.ts'
import { ShareBoard } from './share-board.tsx'

export const metadata: Metadata = { title: 'Shares' }

export default async function SharesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  await mustBeSignedIn()
  const search = await searchParams
  const status = statusIn(oneOf(search.status))
  const cursor = oneOf(search.after)
  const { items, nextCursor } = await ask(listShares, {
    limit: 50,
    ...(status ? { status } : {}),
    ...(cursor ? { cursor } : {}),
  })
  const viewing = await ask(summariseShareViewing, { shareIds: items.map(({ id }) => id) })
  return <ShareBoard shares={items} viewing={viewing} status={status} older={nextCursor} />
}
