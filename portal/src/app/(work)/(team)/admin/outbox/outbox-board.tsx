'use client'

import { type MailItem, MailList } from '#portal/modules/notifications/ui/mail-list.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'

/** The embedded outbox: mails that no service was there to send. */
export function OutboxBoard({
  mails,
  next,
  service,
}: {
  mails: MailItem[]
  next: string | null
  service: 'outbox' | 'smtp' | 'resend'
}) {
  useRefresh(4000)
  const sent = service === 'smtp' ? 'SMTP' : 'Resend'
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Mail outbox">
        {service === 'outbox'
          ? 'No mail service is set up, so mails stay here for you to read and pass on. Set SMTP_URL or RESEND_API_KEY to have them sent.'
          : `Mails are sent by ${sent}; what stands here is from before.`}
      </PageHead>
      {mails.length === 0 ? (
        <EmptyState title="No mails">
          {service === 'outbox'
            ? 'Invitations and one-time codes will appear here within a second.'
            : 'Nothing was left over.'}
        </EmptyState>
      ) : (
        <MailList mails={mails} />
      )}
      <PageLinks next={next} />
    </div>
  )
}
