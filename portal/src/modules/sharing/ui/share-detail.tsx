'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { History } from '#portal/modules/audit/ui/history.tsx'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useApi } from '#portal/ui/use-api.ts'
import { useNow } from '#portal/ui/use-now.ts'
import { counted } from '#portal/ui/words.ts'
import type { ShareDetail as Answer, ShareView, ShareViewer } from '../answers.ts'
import { ShareChip } from './admin-share-table.tsx'
import { Approval } from './approval.tsx'
import { ReleaseDevice } from './release-device.tsx'
import { ScheduledRevoke } from './scheduled-revoke.tsx'
import { conditionsOf, whoMayWatch } from './share-rows.tsx'
import { askWords, reasonInWords } from './share-words.ts'
import { WhoCanWatch } from './who-can-watch.tsx'

const REFRESH_MS = 4000

/** Everything about one share: its policy, its viewers as pseudonyms, and its history with proofs. */
export function ShareDetail({
  share: listed,
  canProve,
  canDecide,
  home,
  onRevoke,
}: {
  share: ShareView
  canProve: boolean
  /** may agree to links beyond the limits */
  canDecide: boolean
  /** region of this installation */
  home: string
  onRevoke: () => void
}) {
  const path = `/api/admin/share-tokens/${encodeURIComponent(listed.id)}`
  const detail = useApi<Answer>(path, { everyMs: REFRESH_MS })
  const now = useNow()
  const share = detail.data ?? listed
  const live = !['revoked', 'expired', 'declined'].includes(share.status)
  return (
    <div className="grid grid-cols-1 content-start gap-5">
      <div className="flex flex-wrap items-center gap-2">
        <ShareChip share={share} now={now} />
        <span className="mono text-ink-2">{share.id}</span>
      </div>
      <dl className="grid grid-cols-[112px_1fr] gap-x-3 gap-y-2 text-sm">
        <Fact name="Who can watch">
          {whoMayWatch(share)}
          {share.allow.length > 0 && (
            <span className="block break-all text-ink-2">{share.allow.join(', ')}</span>
          )}
          {share.deny.length > 0 && (
            <span className="block break-all text-ink-2">never {share.deny.join(', ')}</span>
          )}
        </Fact>
        <Fact name="Owner">
          {share.createdByName ?? 'Deleted account'},{' '}
          <Narrow name="owner" value={share.organisationId}>
            {share.organisationName}
          </Narrow>
        </Fact>
        <Fact name="Video">
          <Narrow name="video" value={share.videoId}>
            {share.videoTitle}
          </Narrow>
        </Fact>
        <Fact name="Views">
          {share.viewsUsed} of {share.maxViews ?? 'any number'}
          {share.maxViewers !== null &&
            `, by ${share.viewersUsed} of ${counted(share.maxViewers, 'person', 'people')}`}
        </Fact>
        {conditionsOf(share).length > 0 && <Fact name="Conditions">{conditionsOf(share).join(', ')}</Fact>}
        {share.startsAt && (
          <Fact name="Opens">
            <Instant at={share.startsAt} />
          </Fact>
        )}
        <Fact name="Created">
          <Instant at={share.createdAt} />
        </Fact>
        <Fact name={share.revokedAt ? 'Revoked' : 'Expires'}>
          <Instant at={share.revokedAt ?? share.expiresAt} />
          {share.revokeReason && `, ${reasonInWords(share.revokeReason).toLowerCase()}`}
        </Fact>
        <Fact name="Last use">{share.lastUsedAt ? <Instant at={share.lastUsedAt} /> : 'never'}</Fact>
        <Fact name="Residency">
          {share.region === 'AU' ? 'AU (Australia)' : share.region}
          {share.region === home ? (
            <span className="block text-ink-2">the region of this installation</span>
          ) : (
            <span className="block">
              <Chip tone="warn">not {home}, the region of this installation</Chip>
            </span>
          )}
        </Fact>
        {share.asks.length > 0 && <Beyond share={share} detail={detail.data} />}
        {detail.data && (
          <Fact name="Viewers’ data">
            <Held {...detail.data.personalData} />
          </Fact>
        )}
      </dl>
      <ScheduledRevoke share={share} onCancelled={detail.reload} />
      {share.status === 'pending_approval' && canDecide && (
        <Approval share={share} onDecided={detail.reload} />
      )}
      {live && (
        <div className="flex flex-wrap gap-2">
          <ReleaseDevice share={share} onReleased={detail.reload} />
          <Button small look="stop" onClick={onRevoke}>
            Revoke…
          </Button>
        </div>
      )}
      {live && <WhoCanWatch shareId={share.id} />}
      <Viewers viewers={detail.data?.viewers} />
      <section aria-labelledby="history" className="grid grid-cols-1 gap-3">
        <h3 id="history" className="text-md font-semibold">
          What happened
        </h3>
        <History
          path={`/api/shares/${encodeURIComponent(listed.id)}/history`}
          receipts={canProve ? 'log' : null}
          everyMs={REFRESH_MS}
        />
      </section>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

/** The list, narrowed to one owner or one video. */
function Narrow({ name, value, children }: { name: 'owner' | 'video'; value: string; children: ReactNode }) {
  return (
    <Link
      href={`/admin/shares?${name}=${encodeURIComponent(value)}`}
      prefetch={false}
      title={`Only links of this ${name}`}
      className="rounded-chip underline decoration-line-strong underline-offset-2 hover:decoration-ink"
    >
      {children}
    </Link>
  )
}

/** Which limits the link goes beyond, why, and who agreed. */
function Beyond({ share, detail }: { share: ShareView; detail: Answer | undefined }) {
  return (
    <Fact name="Beyond limits">
      {share.asks.map(askWords).join(', ')}
      {share.reason && <span className="block text-ink-2">“{share.reason}”</span>}
      {detail?.decidedAt && (
        <span className="block text-ink-2">
          {share.status === 'declined' ? 'declined' : 'approved'} by{' '}
          {detail.decidedByName ?? 'a deleted account'}, <Instant at={detail.decidedAt} />
        </span>
      )}
    </Fact>
  )
}

/** What is still known of the viewers as people, and when it goes. */
function Held({ viewers, erasedAfter }: Answer['personalData']) {
  if (viewers === 0) return <>Nothing that leads to a person is kept; nothing is left to erase.</>
  return (
    <>
      {counted(viewers, 'sealed address', 'sealed addresses')} kept; nothing is erased yet. Erased in the
      night after <Instant at={erasedAfter} />, thirty days after the link’s end.
    </>
  )
}

function Viewers({ viewers }: { viewers: ShareViewer[] | undefined }) {
  if (!viewers || viewers.length === 0) return null
  return (
    <section aria-labelledby="viewers" className="grid grid-cols-1 gap-2">
      <h3 id="viewers" className="text-md font-semibold">
        {counted(viewers.length, 'viewer')}
      </h3>
      <ul className="grid grid-cols-1 gap-1.5 text-sm">
        {viewers.slice(0, 20).map((viewer) => (
          <li key={viewer.id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="mono">{viewer.id.slice(0, 12)}…</span>
            <span className="text-ink-2">
              from <Instant at={viewer.startedAt} />, {counted(viewer.renewals, 'renewal')}
            </span>
            {viewer.watching && (
              <Chip tone="proof" live>
                Watching now
              </Chip>
            )}
            {viewer.blackAfterMs !== null && (
              <Chip>black after {(viewer.blackAfterMs / 1000).toFixed(2)} s</Chip>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
