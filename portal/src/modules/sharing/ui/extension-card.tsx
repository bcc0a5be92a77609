'use client'

import { api } from '#portal/ui/api-client.ts'
import { Instant } from '#portal/ui/time.tsx'
import { counted } from '#portal/ui/words.ts'
import type { AskedExtension } from '../answers.ts'
import { Decision } from './decision.tsx'
import { askWords } from './share-words.ts'

/** A link that its owner wants to live longer than links may, or to be watched more often. */
export function ExtensionCard({ item, onDecided }: { item: AskedExtension; onDecided: () => void }) {
  return (
    <article
      aria-labelledby={item.id}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-4"
    >
      <h3 id={item.id} className="text-md font-semibold">
        {item.videoTitle}
      </h3>
      <p>
        {item.askedByName ?? 'Somebody'} of {item.organisationName} asks to extend a link until{' '}
        <Instant at={item.expiresAt} className="font-medium" />
        {item.maxViews !== null && `, with ${counted(item.maxViews, 'view')}`}: it then{' '}
        {item.asks.map(askWords).join(' and ')}.
      </p>
      <blockquote className="border-l-2 border-line-strong pl-3 text-ink-2">{item.reason}</blockquote>
      <Decision
        yes={{ label: 'Approve', stops: false }}
        no={{ label: 'Decline', stops: true }}
        send={(agreed, reason) =>
          api(
            `/api/admin/share-extensions/${encodeURIComponent(item.id)}/${agreed ? 'approve' : 'decline'}`,
            {
              method: 'POST',
              body: { reason },
            },
          )
        }
        onDecided={onDecided}
      />
    </article>
  )
}
