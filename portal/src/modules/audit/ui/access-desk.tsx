'use client'

import { useState } from 'react'
import type { LogGrant } from '#portal/modules/audit/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip, type ChipTone } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { durationInWords } from '#portal/ui/words.ts'
import { AskAccessDialog } from './ask-access-dialog.tsx'

type Act = (id: string, what: 'approve' | 'decline' | 'end') => void

const STATES: Record<LogGrant['state'], [string, ChipTone]> = {
  pending: ['Waits for a second person', 'warn'],
  lapsed: ['Lapsed', 'neutral'],
  declined: ['Declined', 'neutral'],
  running: ['May read now', 'neutral'],
  ended: ['Ended', 'neutral'],
}

/** Who may read the log, who asks to, and who could before. */
export function AccessDesk({ grants, decides }: { grants: LogGrant[]; decides: boolean }) {
  const [asking, setAsking] = useState(false)
  const { error, send } = useSend()
  const refresh = useRefresh(15_000)
  const act: Act = (id, what) =>
    void send(async () => {
      await api(`/api/admin/audit/access/${id}/${what}`, { method: 'POST', body: {} })
      refresh()
    })
  const of = (...states: LogGrant['state'][]) => grants.filter(({ state }) => states.includes(state))
  const mayAsk = !of('pending', 'running').some(({ mine }) => mine)
  const ask = mayAsk && (
    <Button look="solid" onClick={() => setAsking(true)}>
      Ask to read the log
    </Button>
  )
  const parts = { decides, act }
  return (
    <div className="grid grid-cols-1 gap-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <p className="max-w-[64ch] text-ink-2">
          Reading takes a reason and a second person of security or compliance. It ends by itself, after
          thirty days at most, and each look is in the log.
        </p>
        {grants.length > 0 && ask}
      </div>
      <FormError>{error}</FormError>
      {grants.length === 0 && <EmptyState title="Nobody has asked to read the log" action={ask} />}
      <Grants title="Requests that wait" grants={of('pending')} {...parts} />
      <Grants title="Who may read now" grants={of('running')} {...parts} />
      <Grants title="Before" grants={of('ended', 'declined', 'lapsed')} {...parts} />
      <AskAccessDialog open={asking} onClose={() => setAsking(false)} onDone={refresh} />
    </div>
  )
}

function Grants({
  title,
  grants,
  decides,
  act,
}: {
  title: string
  grants: LogGrant[]
  decides: boolean
  act: Act
}) {
  if (grants.length === 0) return null
  return (
    <section aria-label={title} className="grid grid-cols-1 gap-2">
      <h2>{title}</h2>
      <ul className="overflow-hidden rounded-card border border-line bg-surface">
        {grants.map((grant) => (
          <li
            key={grant.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
          >
            <GrantWords grant={grant} />
            <GrantActs {...{ grant, decides, act }} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const ORIGINS = {
  asked: null,
  first: 'without a second person, of whom there was none yet',
  command: 'given on the machine, without a second person',
} as const

function GrantWords({ grant }: { grant: LogGrant }) {
  const { name, mine, hours, reason, origin, state, decidedBy, endsAt } = grant
  const given =
    ORIGINS[origin] ?? (decidedBy && `${state === 'declined' ? 'declined' : 'agreed'} by ${decidedBy}`)
  return (
    <div className="min-w-0 flex-1 basis-72">
      <p className="font-medium break-words">
        {name}
        {mine && <span className="font-normal text-ink-2"> (you)</span>}, for {durationInWords(hours * 3600)}
      </p>
      <p className="text-xs break-words text-ink-2">
        {reason}
        {given && ` · ${given}`}
        {endsAt && (
          <>
            {' · until '}
            <Instant at={endsAt} />
          </>
        )}
      </p>
    </div>
  )
}

function GrantActs({ grant, decides, act }: { grant: LogGrant; decides: boolean; act: Act }) {
  const { id, state, mine, name } = grant
  const [word, tone] = STATES[state]
  return (
    <>
      <Chip tone={tone} live={state === 'running'}>
        {word}
      </Chip>
      {state === 'pending' && decides && !mine && (
        <span className="flex gap-2">
          <Button onClick={() => act(id, 'decline')} aria-label={`Decline: ${name}`}>
            Decline
          </Button>
          <Button look="solid" onClick={() => act(id, 'approve')} aria-label={`Agree: ${name}`}>
            Agree
          </Button>
        </span>
      )}
      {state === 'running' && (decides || mine) && (
        <Button look="stop" onClick={() => act(id, 'end')} aria-label={`End now: ${name}`}>
          End now
        </Button>
      )}
    </>
  )
}
