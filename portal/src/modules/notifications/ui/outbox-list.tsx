'use client'

import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'

type OutboxMail = { id: string; to: string; subject: string; text: string; createdAt: string }

const REFRESH_MS = 5000

/** Mails as their readers would see them; new ones appear by themselves. */
export function OutboxList({ mails }: { mails: OutboxMail[] }) {
  useRefresh(REFRESH_MS)
  return (
    <ul className="grid gap-3">
      {mails.map((mail) => (
        <li key={mail.id}>
          <article className="grid gap-3 rounded-card border border-line bg-surface p-4">
            <header className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
              <h2 className="min-w-0 break-words">{mail.subject}</h2>
              <p className="text-sm text-ink-2">
                <Instant at={mail.createdAt} />
              </p>
              <p className="w-full truncate text-sm text-ink-2">to {mail.to}</p>
            </header>
            <p className="break-words whitespace-pre-wrap">{mail.text}</p>
          </article>
        </li>
      ))}
    </ul>
  )
}
