'use client'

import { useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Choice, FormError } from '#portal/ui/field.tsx'
import type { Delivery, NewsKind } from '../rules.ts'

const KINDS: { kind: NewsKind; label: string; hint: string }[] = [
  { kind: 'first_view', label: 'A link is opened for the first time', hint: 'One mail a link.' },
  {
    kind: 'refusals',
    label: 'Somebody is turned away',
    hint: 'Attempts on one link come together, half an hour at a time.',
  },
  {
    kind: 'expiry',
    label: 'A link ends tomorrow, and not everybody has watched',
    hint: 'A day ahead, once.',
  },
]

const deliveries: Record<Delivery, string> = {
  soon: 'when it happens',
  daily: 'once a day, all together',
  off: 'never',
}

/** Which news of one's shares comes by mail, and when. Each choice is kept at once. */
export function NewsSection({ chosen }: { chosen: Record<NewsKind, Delivery> }) {
  const [wanted, setWanted] = useState(chosen)
  const [said, setSaid] = useState('')
  const [error, setError] = useState<string | null>(null)

  async function choose(kind: NewsKind, delivery: Delivery) {
    const before = wanted
    setWanted({ ...wanted, [kind]: delivery })
    setError(null)
    try {
      await api('/api/account/notifications', { method: 'PATCH', body: { [kind]: delivery } })
      setSaid('Kept.')
    } catch (thrown) {
      setWanted(before)
      setSaid('')
      setError(sentenceFor(thrown))
    }
  }

  return (
    <section
      aria-labelledby="news"
      className="grid grid-cols-1 gap-4 rounded-card border border-line bg-surface p-5"
    >
      <div>
        <h2 id="news">Mails about your shares</h2>
        <p className="text-ink-2">
          No viewer’s address stands in any of them. At most ten single mails a day.
        </p>
      </div>
      <FormError>{error}</FormError>
      {KINDS.map(({ kind, label, hint }) => (
        <Choice
          key={kind}
          label={label}
          hint={hint}
          value={wanted[kind]}
          onChange={(event) => void choose(kind, event.target.value as Delivery)}
        >
          {Object.entries(deliveries).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Choice>
      ))}
      <p role="status" className="min-h-5 text-sm text-ink-2">
        {said}
      </p>
    </section>
  )
}
