'use client'

import type { ReactNode } from 'react'
import { Chip } from '#portal/ui/chip.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { RevocationView } from '../answers.ts'
import { Decision } from './decision.tsx'
import { decideRevocation, reviewRevocation } from './revocation-api.ts'
import { reasonInWords } from './share-words.ts'

const what: Record<RevocationView['of'], (name: string | null) => string> = {
  video: (name) => `All links of ${name ?? 'a video'}`,
  owner: (name) => `All links of ${name ?? 'an owner'}`,
  viewer: () => 'One person, on every link',
  links: () => 'A list of links',
}

/** What a revoke is about, in a few words. */
export const revocationTitle = ({ of, name }: Pick<RevocationView, 'of' | 'name'>) => what[of](name)

/** One revoke that waits for a second person: what stops for how many, who asked and why, and the two answers. */
export function RevocationCard({
  item,
  canDecide,
  onDecided,
}: {
  item: RevocationView
  canDecide: boolean
  onDecided: () => void
}) {
  const waits = item.status === 'pending'
  const reviews = item.review === 'open'
  return (
    <article
      aria-labelledby={item.id}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h3 id={item.id} className="min-w-0 text-md font-semibold">
          {revocationTitle(item)}
        </h3>
        {item.emergency ? (
          <Chip tone="stop">Emergency</Chip>
        ) : (
          <Chip tone="warn">Waits for a second person</Chip>
        )}
        {!item.confirmed && <Chip tone="warn">Not confirmed by the video service</Chip>}
      </div>
      <p>
        <Effect item={item} />
      </p>
      <p className="text-sm text-ink-2">
        {item.askedByName ?? 'Somebody'}, <Instant at={item.askedAt} />:{' '}
        {reasonInWords(item.reason).toLowerCase()}
        {waits && (
          <>
            {' '}
            · lapses <Instant at={item.decideUntil} />
          </>
        )}
      </p>
      {item.note && (
        <blockquote className="border-l-2 border-line-strong pl-3 text-ink-2">{item.note}</blockquote>
      )}
      {item.mine && <p className="text-ink-2">You asked for this: somebody else decides.</p>}
      {!item.mine && !canDecide && (
        <p className="text-ink-2">Staff of security, compliance or operations decide.</p>
      )}
      {!item.mine && canDecide && waits && (
        <Decision
          yes={{ label: 'Approve and revoke', stops: true }}
          no={{ label: 'Decline', stops: false }}
          send={(agreed, reason) => decideRevocation(item.id, agreed ? 'approve' : 'decline', reason)}
          onDecided={onDecided}
        />
      )}
      {!item.mine && canDecide && reviews && (
        <Decision
          yes={{ label: 'It was right', stops: false }}
          no={{ label: 'Dispute it', stops: true }}
          send={(agreed, reason) => reviewRevocation(item.id, agreed ? 'confirmed' : 'disputed', reason)}
          onDecided={onDecided}
        />
      )}
    </article>
  )
}

/** What a revoke would stop, or has stopped. */
function Effect({ item }: { item: RevocationView }): ReactNode {
  const players = (n: number) => (n > 0 ? counted(n, 'open player') : 'no open player')
  if (item.now) {
    const { shares, watching } = item.now
    const grown = shares !== item.sharesAsked && ` (${item.sharesAsked} when it was asked)`
    if (item.of === 'viewer')
      return `Shuts one person out, now on ${counted(shares, 'link')}; stops ${players(watching)}. The links live on.`
    return (
      <>
        Ends {counted(shares, 'live link')}
        {grown} and stops {players(watching)}, as they are when you approve.
      </>
    )
  }
  if (item.status === 'declined') return 'Declined; nothing has stopped.'
  if (item.status === 'lapsed') return 'Nobody decided in time; nothing has stopped.'
  const done =
    item.of === 'viewer'
      ? `Shut one person out and stopped ${players(item.playersStopped)}`
      : `Ended ${counted(item.sharesStopped, 'link')} and stopped ${players(item.playersStopped)}`
  if (item.status === 'running') return `${done} so far.`
  const took = item.actedAt
    ? (Date.parse(item.actedAt) - Date.parse(item.decidedAt ?? item.askedAt)) / 1000
    : 0
  return (
    <>
      {done} within <span className="mono whitespace-nowrap">{took.toFixed(1)} s</span>.
      {item.replacedPlaybackIds > 0 &&
        ` ${counted(item.replacedPlaybackIds, 'video')} moved to a new address.`}
    </>
  )
}
