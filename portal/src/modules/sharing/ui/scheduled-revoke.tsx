'use client'

import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { ShareView } from '../answers.ts'
import { cancelSchedule } from './share-api.ts'
import { reasonInWords } from './share-words.ts'

/** That a link is to be revoked at an instant, and the way to cancel it; nothing where no revoke is scheduled. */
export function ScheduledRevoke({
  share,
  onCancelled,
}: {
  share: Pick<ShareView, 'id' | 'status' | 'expiresAt' | 'scheduledReason'>
  onCancelled: () => void
}) {
  const { busy, error, send } = useSend()
  if (!share.scheduledReason || ['revoked', 'expired'].includes(share.status)) return null
  return (
    <section
      aria-label="Scheduled revoke"
      className="grid grid-cols-1 gap-2 rounded-control border border-warn bg-warn-bg px-4 py-3 text-warn"
    >
      <FormError>{error}</FormError>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0">
          This link is revoked <Instant at={share.expiresAt} className="font-semibold" />.{' '}
          <span className="whitespace-nowrap">Reason: {reasonInWords(share.scheduledReason)}.</span>
        </p>
        <Button
          small
          busy={busy}
          onClick={() =>
            send(async () => {
              await cancelSchedule(share.id)
              onCancelled()
            })
          }
        >
          Cancel the revoke
        </Button>
      </div>
    </section>
  )
}
