'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { ViewingSummary } from '#portal/modules/analytics/answers.ts'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { RevokeDialog } from '#portal/modules/sharing/ui/revoke-dialog.tsx'
import { ShareRows } from '#portal/modules/sharing/ui/share-rows.tsx'
import { statusFilters } from '#portal/modules/sharing/ui/status-filters.ts'
import { buttonClass } from '#portal/ui/button.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'

/** The organisation's links, newest first. */
export function ShareBoard({
  shares,
  viewing,
  status,
  older,
}: {
  shares: ShareView[]
  viewing: ViewingSummary[]
  status?: string
  older: string | null
}) {
  const [revoking, setRevoking] = useState<ShareView | null>(null)
  const refresh = useRefresh(shares.some((share) => share.watchingNow > 0) ? 3000 : 20_000)
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Shares">
        Every link of your organisation, and what became of it: those that ended stay for thirty days.
      </PageHead>
      <FilterChips label="Status" name="status" chosen={status} choices={statusFilters} />
      {shares.length > 0 ? (
        <ShareRows
          shares={shares}
          viewing={viewing}
          onRevoke={setRevoking}
          onChanged={refresh}
          title={(share) => (
            <Link href={`/videos/${share.videoId}`} prefetch={false} className="rounded-chip hover:underline">
              {share.videoTitle}
            </Link>
          )}
        />
      ) : (
        <EmptyState
          title={status ? 'No link is in this state' : 'No links yet'}
          action={
            <Link href={status ? '/shares' : '/videos'} className={buttonClass('plain')}>
              {status ? 'Show all links' : 'Go to the videos'}
            </Link>
          }
        >
          {status ? undefined : 'Open a video and make its first link.'}
        </EmptyState>
      )}
      <PageLinks next={older} />
      <RevokeDialog share={revoking} onClose={() => setRevoking(null)} onRevoked={refresh} />
    </div>
  )
}
