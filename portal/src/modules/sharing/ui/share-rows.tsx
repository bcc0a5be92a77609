'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import type { ViewingSummary } from '#portal/modules/analytics/answers.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useNow } from '#portal/ui/use-now.ts'
import { counted } from '#portal/ui/words.ts'
import type { ShareView } from '../answers.ts'
import { CollectLink } from './approval.tsx'
import { ReleaseDevice } from './release-device.tsx'
import { accessWords, downloadWords, reasonInWords, stateOf } from './share-words.ts'

/** Who may open a link, in words. */
export function whoMayWatch(share: Pick<ShareView, 'access' | 'allow' | 'hasPassword'>): string {
  const people = share.allow.filter((entry) => !entry.startsWith('@'))
  const domains = share.allow.filter((entry) => entry.startsWith('@'))
  const named = [
    people.length ? counted(people.length, 'address', 'addresses') : '',
    ...domains.slice(0, 2),
  ].filter(Boolean)
  const more = domains.length > 2 ? ` and ${counted(domains.length - 2, 'domain')}` : ''
  return `${accessWords[share.access]}${named.length ? ` · ${named.join(', ')}${more}` : ''}${share.hasPassword ? ' · password' : ''}`
}

/** What else a link asks for or does, in words. */
export function conditionsOf(
  share: Pick<
    ShareView,
    'hasAgreement' | 'watermark' | 'countries' | 'deny' | 'oneDevice' | 'deviceBoundAt' | 'download'
  >,
): string[] {
  return [
    share.hasAgreement ? 'agreement' : '',
    share.watermark ? 'watermark' : '',
    share.oneDevice ? (share.deviceBoundAt ? 'one device, taken' : 'one device') : '',
    share.download ? `download of ${downloadWords[share.download]}` : '',
    share.countries.length > 0 ? `only from ${share.countries.join(', ')}` : '',
    share.deny.length > 0 ? counted(share.deny.length, 'exception') : '',
  ].filter(Boolean)
}

/** Shares as rows that fold on a phone; `title` names each, for lists of several videos. */
export function ShareRows({
  shares,
  title,
  onRevoke,
  onChanged,
  viewing = [],
}: {
  shares: ShareView[]
  /** how the shares were watched, where that is known */
  viewing?: ViewingSummary[]
  title?: (share: ShareView) => ReactNode
  onRevoke: (share: ShareView) => void
  onChanged: () => void
}) {
  const now = useNow()
  return (
    <ul className="rounded-card border border-line bg-surface">
      {shares.map((share) => {
        const state = stateOf(share, now)
        const seen = viewing.find(({ id }) => id === share.id)
        const live = !['revoked', 'expired', 'declined'].includes(share.status)
        return (
          <li
            key={share.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
          >
            <div className="min-w-0 flex-1 basis-64">
              {title && <div className="truncate font-medium">{title(share)}</div>}
              <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <Chip tone={state.tone} live={state.live}>
                  {state.words}
                </Chip>
                <span>{[whoMayWatch(share), ...conditionsOf(share)].join(' · ')}</span>
              </div>
              <p className="text-sm text-ink-2">
                <span className="mono">{share.id.slice(0, 10)}…</span> · {views(share)} ·{' '}
                {share.revokedAt ? (
                  <>
                    revoked <Instant at={share.revokedAt} />
                    {share.revokeReason && `, ${reasonInWords(share.revokeReason).toLowerCase()}`}
                  </>
                ) : (
                  <>
                    {share.status === 'expired' ? 'ended' : 'until'} <Instant at={share.expiresAt} />
                  </>
                )}
                {seen ? (
                  <>
                    {' '}
                    · watched by {counted(seen.people, 'person', 'people')}
                    {seen.fraction !== null && `, ${Math.round(seen.fraction * 100)} % on average`}, last seen{' '}
                    <Instant at={seen.lastAt} />
                  </>
                ) : (
                  share.lastUsedAt && (
                    <>
                      {' '}
                      · last used <Instant at={share.lastUsedAt} />
                    </>
                  )
                )}
              </p>
            </div>
            {share.viewsUsed > 0 || live ? (
              <Link
                href={`/shares/${share.id}`}
                prefetch={false}
                className={buttonClass('plain', true)}
                aria-label={`Who watched by the link ${share.id}`}
              >
                Who watched
              </Link>
            ) : null}
            {share.status === 'approved' && <CollectLink share={share} onCollected={onChanged} />}
            {live && <ReleaseDevice share={share} onReleased={onChanged} />}
            {live && (
              <Button
                small
                look="stop"
                onClick={() => onRevoke(share)}
                aria-label={`Revoke the link ${share.id}`}
              >
                Revoke…
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function views(share: ShareView): string {
  if (share.maxViews === null) return counted(share.viewsUsed, 'view')
  return `${share.viewsUsed} of ${counted(share.maxViews, 'view')}`
}
