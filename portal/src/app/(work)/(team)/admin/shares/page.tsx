import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getShareCheck } from '#portal/modules/sharing/check-shares.ts'
import { approveShare } from '#portal/modules/sharing/decide-share.ts'
import { adminListShares, getShare } from '#portal/modules/sharing/queries.ts'
import { listShareListViews } from '#portal/modules/sharing/share-list-views.ts'
import { queryIn, queryText, type ShareListQuery } from '#portal/modules/sharing/ui/share-list-query.ts'
import { getApp } from '#portal/platform/app.ts'
import { ask, logAccess, mustHaveShareUi, oneOf } from '../../../../door.ts'
import { AdminShares } from './admin-shares.tsx'

export const metadata: Metadata = { title: 'All shares' }

/** Groups whose members agree to links beyond the limits. */
const DECIDING = new Set<string>(approveShare.allow.groups)

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AdminSharesPage({ searchParams }: Props) {
  const person = await mustHaveShareUi()
  const search = await searchParams
  const views = await ask(listShareListViews, {})
  const first = views.find((view) => view.isDefault)
  if (first && Object.keys(search).length === 0)
    redirect(`/admin/shares?${queryText(first.query as ShareListQuery) || 'view=all'}`)
  const query = queryIn((name) => oneOf(search[name]))
  const cursor = oneOf(search.after)
  const { items, nextCursor } = await ask(adminListShares, {
    ...query,
    limit: 50,
    ...(cursor ? { cursor } : {}),
  })
  const wanted = oneOf(search.share)
  const opened =
    items.find((share) => share.id === wanted) ?? (wanted ? await ask(getShare, { id: wanted }) : null)
  const { check } = await ask(getShareCheck, {})
  return (
    <AdminShares
      shares={items}
      next={nextCursor}
      query={query}
      opened={opened}
      views={views}
      check={check}
      home={getApp().settings.REGION}
      canProve={(await logAccess()) !== null}
      canDecide={person.groups.some((group) => DECIDING.has(group))}
    />
  )
}
