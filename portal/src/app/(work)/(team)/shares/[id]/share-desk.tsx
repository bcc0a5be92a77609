'use client'

import Link from 'next/link'
import { useState } from 'react'
import { ExtendDialog } from '#portal/modules/analytics/ui/extend-dialog.tsx'
import { ShareViewing } from '#portal/modules/analytics/ui/share-viewing.tsx'
import { OwnHistory } from '#portal/modules/audit/ui/history.tsx'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { RevokeDialog } from '#portal/modules/sharing/ui/revoke-dialog.tsx'
import { ScheduledRevoke } from '#portal/modules/sharing/ui/scheduled-revoke.tsx'
import { conditionsOf, whoMayWatch } from '#portal/modules/sharing/ui/share-rows.tsx'
import { ShareSettings } from '#portal/modules/sharing/ui/share-settings.tsx'
import { stateOf } from '#portal/modules/sharing/ui/share-words.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useNow } from '#portal/ui/use-now.ts'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

/** One link as its owner sees it: its state, who watched, and what can be done. */
export function ShareDesk({ share }: { share: ShareView }) {
  const now = useNow()
  const [extending, setExtending] = useState(false)
  const [revoking, setRevoking] = useState(false)
  const refresh = useRefresh(share.watchingNow > 0 ? 3000 : 15_000)
  const state = stateOf(share, now)
  const standing = ['active', 'watching', 'used_up', 'scheduled'].includes(share.status)
  const live = !['revoked', 'expired', 'declined'].includes(share.status)
  return (
    <div className="mx-auto grid max-w-[1100px] grid-cols-1 gap-6">
      <PageHead
        title={share.videoTitle}
        actions={
          <>
            {share.viewsUsed > 0 && (
              <a
                href={`/api/shares/${encodeURIComponent(share.id)}/viewing.csv`}
                download
                className={buttonClass()}
              >
                Save as CSV
              </a>
            )}
            {standing && <Button onClick={() => setExtending(true)}>Extend…</Button>}
            {live && (
              <Button look="stop" onClick={() => setRevoking(true)}>
                Revoke…
              </Button>
            )}
          </>
        }
      >
        {[whoMayWatch(share), ...conditionsOf(share)].join(' · ')}
      </PageHead>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1.5 text-ink-2">
        <Chip tone={state.tone} live={state.live}>
          {state.words}
        </Chip>
        <Chip>
          {share.maxViews === null
            ? counted(share.viewsUsed, 'view')
            : `${share.viewsUsed} of ${counted(share.maxViews, 'view')}`}
        </Chip>
        <span className="text-sm">
          {share.revokedAt ? 'revoked ' : share.status === 'expired' ? 'ended ' : 'until '}
          <Instant at={share.revokedAt ?? share.expiresAt} /> · made <Instant at={share.createdAt} /> ·{' '}
          <Link
            href={`/videos/${share.videoId}`}
            prefetch={false}
            className="rounded-chip underline hover:text-ink"
          >
            the video
          </Link>
        </span>
      </p>
      <ScheduledRevoke share={share} onCancelled={refresh} />
      <ShareViewing shareId={share.id} videoId={share.videoId} />
      <ShareSettings share={share} live={live} onChanged={refresh} />
      <OwnHistory path={`/api/shares/${encodeURIComponent(share.id)}/history`} />
      <ExtendDialog share={share} open={extending} onClose={() => setExtending(false)} onExtended={refresh} />
      <RevokeDialog share={revoking ? share : null} onClose={() => setRevoking(false)} onRevoked={refresh} />
    </div>
  )
}
