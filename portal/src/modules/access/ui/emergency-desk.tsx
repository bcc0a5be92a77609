'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { AskEmergencyDialog, type Organisation, ReviewEmergencyDialog } from './emergency-dialogs.tsx'

type Grant = {
  id: string
  name: string
  mine: boolean
  group: string | null
  organisation: string | null
  reason: string
  minutes: number
  status: string
  decidedBy: string | null
  endsAt: string | null
  reviewNote: string | null
}
type Act = (id: string, what: 'approve' | 'decline' | 'end') => void

const STATES: Record<string, [string, ChipTone]> = {
  pending: ['Waits for a second person', 'warn'],
  lapsed: ['Lapsed', 'neutral'],
  declined: ['Declined', 'neutral'],
  running: ['Runs now', 'stop'],
  to_review: ['Waits for its review', 'warn'],
  reviewed: ['Reviewed', 'proof'],
}

/** Extra rights for hours: ask, agree, end, and look at it afterwards. */
export function EmergencyDesk({
  grants,
  organisations,
  decides,
}: {
  grants: Grant[]
  organisations: Organisation[]
  decides: boolean
}) {
  const [asking, setAsking] = useState(false)
  const [reviewing, setReviewing] = useState<string | null>(null)
  const { error, send } = useSend()
  const refresh = useRefresh(15_000)
  const act: Act = (id, what) =>
    void send(async () => {
      await api(`/api/admin/emergency/${id}/${what}`, { method: 'POST', body: {} })
      refresh()
    })
  const ask = (
    <Button look="solid" onClick={() => setAsking(true)}>
      Ask for access
    </Button>
  )
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Emergency access" actions={grants.length > 0 && ask}>
        Rights for four hours at most. A second person agrees, every use is logged, a third person reviews it.
      </PageHead>
      <FormError>{error}</FormError>
      {grants.length === 0 ? (
        <EmptyState title="Nobody ever needed it" action={ask}>
          Ask only where waiting for the ordinary way would do harm.
        </EmptyState>
      ) : (
        <ul className="overflow-hidden rounded-card border border-line bg-surface">
          {grants.map((grant) => (
            <li
              key={grant.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <GrantWords grant={grant} />
              <GrantActs grant={grant} decides={decides} act={act} review={setReviewing} />
            </li>
          ))}
        </ul>
      )}
      <AskEmergencyDialog
        open={asking}
        organisations={organisations}
        onClose={() => setAsking(false)}
        onDone={refresh}
      />
      <ReviewEmergencyDialog id={reviewing} onClose={() => setReviewing(null)} onDone={refresh} />
    </div>
  )
}

function GrantWords({ grant }: { grant: Grant }) {
  const { status, decidedBy, endsAt, reviewNote } = grant
  const what = grant.group ? `group ${grant.group}` : `videos of ${grant.organisation}`
  return (
    <div className="min-w-0 flex-1 basis-72">
      <p className="font-medium break-words">
        {grant.name}: {what}, {grant.minutes} minutes
      </p>
      <p className="text-xs break-words text-ink-2">
        {grant.reason}
        {decidedBy && ` · ${status === 'declined' ? 'declined' : 'agreed'} by ${decidedBy}`}
        {endsAt && (
          <>
            {' · until '}
            <Instant at={endsAt} />
          </>
        )}
        {reviewNote && ` · review: ${reviewNote}`}
      </p>
    </div>
  )
}

function GrantActs({
  grant: { id, status, mine },
  decides,
  act,
  review,
}: {
  grant: Grant
  decides: boolean
  act: Act
  review: (id: string) => void
}) {
  const [word, tone] = STATES[status] ?? [status, 'neutral']
  const another = decides && !mine
  return (
    <>
      <Chip tone={tone} live={status === 'running'}>
        {word}
      </Chip>
      {status === 'pending' && another && (
        <span className="flex gap-2">
          <Button onClick={() => act(id, 'decline')}>Decline</Button>
          <Button look="solid" onClick={() => act(id, 'approve')}>
            Agree
          </Button>
        </span>
      )}
      {status === 'running' && (
        <Button look="stop" onClick={() => act(id, 'end')}>
          End now
        </Button>
      )}
      {status === 'to_review' && another && <Button onClick={() => review(id)}>Review</Button>}
    </>
  )
}
