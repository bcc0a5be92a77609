'use client'

import { Instant } from '#portal/ui/time.tsx'

export type MailItem = { id: string; to: string; subject: string; text: string; createdAt: string }

/** Mails as they would arrive, each opened by a press. */
export function MailList({ mails }: { mails: MailItem[] }) {
  return (
    <ul className="rounded-card border border-line bg-surface">
      {mails.map((mail) => (
        <li key={mail.id} className="border-b border-line last:border-b-0">
          <details className="group">
            <summary className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-2 hover:bg-sunken">
              <span className="font-medium break-all max-sm:flex-1">{mail.to}</span>
              <Instant at={mail.createdAt} className="mono text-ink-2 sm:order-last" />
              <span className="min-w-0 flex-1 truncate text-ink-2 max-sm:basis-full" title={mail.subject}>
                {mail.subject}
              </span>
            </summary>
            <p className="border-t border-line bg-sunken px-4 py-3 text-sm break-words whitespace-pre-wrap">
              {mail.text}
            </p>
          </details>
        </li>
      ))}
    </ul>
  )
}
