'use client'

import { useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { AccountSection } from './account-section.tsx'

export type SessionItem = {
  id: string
  device: string
  createdAt: string
  lastSeenAt: string
  isThisOne: boolean
}

/** Where an account is signed in, and the end of each of them. */
export function SessionSection({ sessions, onChanged }: { sessions: SessionItem[]; onChanged: () => void }) {
  const [error, setError] = useState<string | null>(null)

  async function end(path: string, method: 'DELETE' | 'POST') {
    setError(null)
    try {
      await api(path, method === 'POST' ? { method, body: {} } : { method })
      onChanged()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }

  return (
    <AccountSection
      title="Sessions"
      lead="Each ends after twelve hours, or earlier when nobody uses it. Ended here, it is over at once."
    >
      <FormError>{error}</FormError>
      <ul className="grid grid-cols-1 divide-y divide-line border-y border-line">
        {sessions.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
            <span className="flex min-w-0 flex-1 items-center gap-2 font-medium">
              <span className="truncate">{session.device}</span>
              {session.isThisOne && <Chip tone="proof">This one</Chip>}
            </span>
            <span className="text-sm text-ink-2">
              since <Instant at={session.createdAt} />, seen <Instant at={session.lastSeenAt} />
            </span>
            {!session.isThisOne && (
              <Button
                small
                look="stop"
                onClick={() => end(`/api/account/sessions/${session.id}`, 'DELETE')}
                aria-label={`End the session of ${session.device}`}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <div>
          <Button look="stop" onClick={() => end('/api/account/sessions/end-others', 'POST')}>
            End all others
          </Button>
        </div>
      )}
    </AccountSection>
  )
}
