'use client'

import type { AskedExtension, RevocationView, ShareView } from '#portal/modules/sharing/answers.ts'
import { Approval } from '#portal/modules/sharing/ui/approval.tsx'
import { ExtensionCard } from '#portal/modules/sharing/ui/extension-card.tsx'
import { RevocationCard, revocationTitle } from '#portal/modules/sharing/ui/revocation-card.tsx'
import { reasonInWords } from '#portal/modules/sharing/ui/share-words.ts'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { counted } from '#portal/ui/words.ts'

/** Everything that waits for a second person, and what became of the last ones. */
export function ApprovalsBoard({
  waiting,
  decided,
  shares,
  extensions,
  canDecide,
}: {
  waiting: RevocationView[]
  decided: RevocationView[]
  shares: ShareView[]
  extensions: AskedExtension[]
  canDecide: boolean
}) {
  const refresh = useRefresh(10_000)
  const emergencies = waiting.filter((item) => item.emergency)
  const asked = waiting.filter((item) => !item.emergency)
  return (
    <div className="mx-auto grid w-full max-w-[880px] grid-cols-1 gap-6">
      <PageHead title="Approvals">
        What waits for a second person: somebody other than who asked for it.
      </PageHead>
      {waiting.length + shares.length + extensions.length === 0 && (
        <EmptyState title="Nothing waits">
          Revokes of many links, reviews of emergencies, and links beyond the limits will stand here.
        </EmptyState>
      )}
      <Cards title="Emergencies to review" items={emergencies} canDecide={canDecide} onDecided={refresh} />
      <Cards title="Revokes of many links" items={asked} canDecide={canDecide} onDecided={refresh} />
      {shares.length > 0 && (
        <section aria-labelledby="links" className="grid grid-cols-1 gap-3">
          <h2 id="links">Links beyond the limits</h2>
          {shares.map((share) => (
            <article key={share.id} aria-labelledby={share.id} className="grid grid-cols-1 gap-2">
              <h3 id={share.id} className="text-md font-semibold">
                {share.videoTitle}
              </h3>
              {canDecide ? (
                <Approval share={share} onDecided={refresh} />
              ) : (
                <p className="text-ink-2">Staff of security, compliance or operations decide.</p>
              )}
            </article>
          ))}
        </section>
      )}
      {extensions.length > 0 && (
        <section aria-labelledby="extensions" className="grid grid-cols-1 gap-3">
          <h2 id="extensions">Extensions beyond the limits</h2>
          {extensions.map((item) => (
            <ExtensionCard key={item.id} item={item} onDecided={refresh} />
          ))}
        </section>
      )}
      {decided.length > 0 && <Decided items={decided} />}
    </div>
  )
}

function Cards({
  title,
  items,
  canDecide,
  onDecided,
}: {
  title: string
  items: RevocationView[]
  canDecide: boolean
  onDecided: () => void
}) {
  if (items.length === 0) return null
  return (
    <section aria-label={title} className="grid grid-cols-1 gap-3">
      <h2>{title}</h2>
      {items.map((item) => (
        <RevocationCard key={item.id} item={item} canDecide={canDecide} onDecided={onDecided} />
      ))}
    </section>
  )
}

const OUTCOME: Record<RevocationView['status'], string> = {
  pending: 'waits',
  running: 'runs',
  done: 'approved',
  declined: 'declined',
  lapsed: 'lapsed: nobody decided',
}

function Decided({ items }: { items: RevocationView[] }) {
  return (
    <section aria-labelledby="decided" className="grid grid-cols-1 gap-3">
      <h2 id="decided">Decided</h2>
      <ul className="rounded-card border border-line bg-surface">
        {items.map((item) => (
          <li
            key={item.id}
            className="grid grid-cols-1 gap-0.5 border-b border-line px-4 py-3 last:border-b-0"
          >
            <span className="font-medium">{revocationTitle(item)}</span>
            <span className="text-sm text-ink-2">
              {item.review ? `emergency, ${item.review}` : OUTCOME[item.status]}
              {(item.reviewedByName ?? item.decidedByName) &&
                ` by ${item.reviewedByName ?? item.decidedByName}`}
              , <Instant at={item.reviewedAt ?? item.decidedAt ?? item.askedAt} /> ·{' '}
              {reasonInWords(item.reason).toLowerCase()} · {counted(item.sharesStopped, 'link')},{' '}
              {counted(item.playersStopped, 'open player')} stopped
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
